"""Checks of a SQLite file without opening it: existence, permissions, disk space; and of SQLite's version."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from app.db.files import owner_only
from app.doctor.finding import Check, failed, ok, warning

NAME, VERSION = "database", "database_version"
LITTLE, TOO_LITTLE = 1 << 30, 100 << 20  # bytes
_MIB = 1 << 20

# "The WAL-reset bug": 3.7.0 to 3.51.2, fixed in 3.51.3 and in these patch releases of older lines.
# https://www.sqlite.org/wal.html#walresetbug
_FIXED = (3, 51, 3)
_FIXED_PATCH = {(3, 44): 6, (3, 50): 7}


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
    open_to_others: tuple[str, ...] = ()
    """Names of the database's files of which group or others have permissions."""


def stat(path: Path) -> File:
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
        open_to_others=tuple(file.name for file in owner_only.open_to_others(owner_only.with_log(path))),
    )


def check(file: File) -> Check:
    """What is wrong with the file, if anything."""
    if not file.exists:
        found = f"there is no file {file.path}"
        remedy = "run `callkeeper migrate` to create it; if it should exist, check DATABASE_URL and the volume"
        return failed(NAME, found, f"{remedy} (a relative path starts at {Path.cwd()})")
    if not (file.readable and file.writable and file.folder_writable):
        what = file.path if not (file.readable and file.writable) else f"the folder {file.path.parent}"
        remedy = f"make it readable and writable for the user that runs Callkeeper (chown, chmod, mount): {what}"
        return failed(NAME, f"this user cannot {'write' if file.readable else 'read'} {what}", remedy)
    found = f"SQLite file {file.path}, {file.size / _MIB:.1f} MiB, {file.free // _MIB:,} MiB free"
    remedy = f"free disk space for {file.path.parent}, or set RETENTION and run `callkeeper purge`"
    if file.free < TOO_LITTLE:
        return failed(NAME, f"the disk is full: {found}", remedy)
    if file.free < LITTLE:
        return warning(NAME, f"the disk is nearly full: {found}", remedy)
    if file.open_to_others:
        names = ", ".join(file.open_to_others)
        remedy = f"run `chmod go= {file.path}*`; each start of Callkeeper tries to do the same"
        return warning(NAME, f"users other than the owner have access to {names}: {found}", remedy)
    return ok(NAME, found)


def version(text: str) -> Check:
    """The SQLite library; a distribution may have fixed an old version without changing its number."""
    number = tuple(int(part) for part in text.split("."))
    fixed_from = _FIXED_PATCH.get((number[0], number[1]))
    if number >= _FIXED or (fixed_from is not None and number[2] >= fixed_from):
        return ok(VERSION, f"SQLite {text}")
    found = f"SQLite {text} has the WAL-reset bug: in rare cases, several writing processes damage the file"
    remedy = "run only one `serve` with this file, or use SQLite 3.51.3 or newer (a newer base image), or PostgreSQL"
    return warning(VERSION, found, remedy)
