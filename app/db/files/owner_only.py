"""Files with personal data or secrets: for their owner alone, whatever created them."""

import stat
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from app.observability import log

_OTHERS = stat.S_IRWXG | stat.S_IRWXO

_log = log.get(__name__)


def create(file: Path) -> None:
    """An empty file for its owner alone, if there is none; what fails here is reported by whatever opens the file."""
    with suppress(OSError):
        file.touch(0o600, exist_ok=False)


def restrict(files: Iterable[Path]) -> None:
    """Remove the permissions of group and others from existing files, and log which files had some."""
    found = open_to_others(files)
    for file in found:
        try:
            file.chmod(stat.S_IMODE(file.stat().st_mode) & ~_OTHERS)
        except OSError:
            continue  # another user's file, or a file system without permissions: logged below
    still = open_to_others(found)
    if corrected := [file for file in found if file not in still]:
        _log.warning("file_permissions_corrected", files=_names(corrected), count=len(corrected))
    if still:
        _log.warning("file_permissions_not_corrected", files=_names(still), count=len(still))


def open_to_others(files: Iterable[Path]) -> list[Path]:
    """Those that exist and that group or others may read, write or execute."""
    return [file for file in files if _is_open(file)]


def with_log(file: Path) -> tuple[Path, Path, Path]:
    """A SQLite file with the two that SQLite creates beside it; the last changes of the database are in these."""
    return file, file.with_name(f"{file.name}-wal"), file.with_name(f"{file.name}-shm")


def _is_open(file: Path) -> bool:
    try:
        mode = file.stat().st_mode
    except OSError:
        return False
    return stat.S_ISREG(mode) and bool(mode & _OTHERS)


def _names(files: list[Path]) -> list[str]:
    return [file.name for file in files[:10]]
