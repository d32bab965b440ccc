"""Secrets that stand in files: read once, at the start, and then settings like any other."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

LARGEST = 64 * 1024  # characters; no secret is longer, a wrong path may well be


def read_in(given: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """The settings given, with ``name`` read from the file that ``name_file`` names; raises ValueError."""
    settings = dict(given)
    for name in names:
        file = settings.get(f"{name}_file")
        if not file:
            continue
        if settings.get(name):
            raise ValueError(_complaint(name, f"{name.upper()} is set as well; leave one of the two out"))
        try:
            settings[name] = secret(Path(file))
        except ValueError as error:
            raise ValueError(_complaint(name, str(error))) from None
    return settings


def secret(file: Path) -> str:
    """What the file holds, without its last line break; raises ValueError, which never quotes it."""
    try:
        with file.open(encoding="utf-8", newline="") as opened:
            text = opened.read(LARGEST + 1)
    except FileNotFoundError:
        raise ValueError(f"{file} is not there") from None
    except OSError as error:
        raise ValueError(f"{file} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ValueError(f"{file} is not text (UTF-8)") from None
    if len(text) > LARGEST:
        raise ValueError(f"{file} is too large for a secret")
    found = text.removesuffix("\n").removesuffix("\r")
    if not found.strip():
        raise ValueError(f"{file} is empty")
    return found


def _complaint(name: str, wrong: str) -> str:
    variable = f"{name.upper()}_FILE"
    return f"{variable}: {wrong} (for example {variable}=/run/secrets/{name})"
