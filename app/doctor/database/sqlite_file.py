"""The file of a SQLite database: is it there, may we write it, is there room? Looked at without opening it."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from app.doctor.finding import Check, failed, ok, warning

NAME, VERSION = "database", "database_version"
LITTLE, TOO_LITTLE = 1 << 30, 100 << 20  # bytes
_MIB = 1 << 20

# "The WAL-reset bug": 3.7.0 to 3.51.2, mended in 3.51.3 and in these two of older lines.
# https://www.sqlite.org/wal.html#walresetbug
_MENDED = (3, 51, 3)
_MENDED_LINES = {(3, 44): 6, (3, 50): 7}


@dataclass(frozen=True, slots=True)
class File:
    """``free`` and ``size`` are in bytes."""

    path: Path
    exists: bool
    readable: bool = True
    writable: bool = True
    folder_writable: bool = True
    size: int = 0
    free: int = 1 << 40


def look(path: Path) -> File:
    if not path.is_file():
        return File(path, exists=False)
    return File(
        path,
        exists=True,
        readable=os.access(path, os.R_OK),
        writable=os.access(path, os.W_OK),
        folder_writable=os.access(path.parent, os.W_OK | os.X_OK),
        size=path.stat().st_size,
        free=shutil.disk_usage(path.parent).free,
    )


def check(file: File) -> Check:
    """What is wrong with the file, or that nothing is."""
    if not file.exists:
        found = f"there is no file {file.path}"
        remedy = "run `callkeeper migrate`, which makes it; if there should be one, check DATABASE_URL and the volume"
        return failed(NAME, found, f"{remedy} (a relative path counts from {Path.cwd()})")
    if not (file.readable and file.writable and file.folder_writable):
        what = file.path if not (file.readable and file.writable) else f"the folder {file.path.parent}"
        remedy = f"give the file and its folder to the user that runs Callkeeper (chown), not read-only: {what}"
        return failed(NAME, f"this user cannot {'write' if file.readable else 'read'} {what}", remedy)
    told = f"SQLite file {file.path}, {file.size / _MIB:.1f} MiB, {file.free // _MIB:,} MiB free"
    remedy = f"make room where {file.path.parent} lies, or set RETENTION and run `callkeeper purge`"
    if file.free < TOO_LITTLE:
        return failed(NAME, f"the disk is full: {told}", remedy)
    if file.free < LITTLE:
        return warning(NAME, f"the disk is nearly full: {told}", remedy)
    return ok(NAME, told)


def version(text: str) -> Check:
    """The library's; a distribution may have mended an old one without changing its number."""
    number = tuple(int(part) for part in text.split("."))
    mended_from = _MENDED_LINES.get((number[0], number[1]))
    if number >= _MENDED or (mended_from is not None and number[2] >= mended_from):
        return ok(VERSION, f"SQLite {text}")
    found = f"SQLite {text} has the WAL-reset bug: rarely, several processes writing one file at once damage it"
    remedy = "run one `serve` alone on this file, or use SQLite 3.51.3 or newer (a newer base image), or PostgreSQL"
    return warning(VERSION, found, remedy)
