"""Secrets in files: read once at the start, then ordinary settings."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

LARGEST = 64 * 1024  # characters; a longer file is not a secret, but a wrong path


def read_in(given: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """The given settings, each ``name`` read from the file in ``name_file``; raises ValueError."""
    settings = dict(given)
    for name in names:
        file = settings.get(f"{name}_file")
        if not file:
            continue
        if settings.get(name):
            raise ValueError(_complaint(name, f"{name.upper()} is set as well; remove one of the two"))
        try:
            settings[name] = secret(Path(file))
        except ValueError as error:
            raise ValueError(_complaint(name, str(error))) from None
    return settings


def secret(file: Path) -> str:
    """The content of the file without its last line break; raises ValueError, which never quotes the content."""
    try:
        with file.open(encoding="utf-8", newline="") as opened:
            text = opened.read(LARGEST + 1)
    except FileNotFoundError:
        raise ValueError(f"{file} does not exist") from None
    except OSError as error:
        raise ValueError(f"{file} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ValueError(f"{file} is not UTF-8 text") from None
    if len(text) > LARGEST:
        raise ValueError(f"{file} is too large for a secret")
    found = text.removesuffix("\n").removesuffix("\r")
    if not found.strip():
        raise ValueError(f"{file} is empty")
    return found


def _complaint(name: str, wrong: str) -> str:
    variable = f"{name.upper()}_FILE"
    return f"{variable}: {wrong} (for example {variable}=/run/secrets/{name})"
