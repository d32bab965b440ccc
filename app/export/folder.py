"""A folder that may be read while it is written: each file is complete or absent."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.db.files import owner_only
from app.db.files.sync import to_disk

UNFINISHED = ".unfinished"  # readers of datasets pass over names that begin with a dot, and *.parquet is not met
LOCK = ".lock"
OURS = (LOCK, "_manifest.json", "*/day=*/part-*")  # exported by an earlier release with the permissions of its umask


class ExportError(Exception):
    """Why nothing can be exported, and what to do, in one line."""


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """No other export writes to this folder meanwhile; unfinished files of a killed export are deleted.

    The lock ends with its process, however that ends.
    """
    folder.mkdir(parents=True, exist_ok=True)
    owner_only.create(folder / LOCK)
    with (folder / LOCK).open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ExportError(f"another export is writing into {folder}; wait for it, or name another --out") from None
        for left in folder.rglob(f".*{UNFINISHED}"):
            left.unlink()
        owner_only.restrict(file for pattern in OURS for file in folder.glob(pattern))
        yield


@contextmanager
def whole(file: Path) -> Iterator[Path]:
    """A path to write to; at the end of the block its content replaces the file, atomically and durably."""
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_name(f".{file.name}{UNFINISHED}")
    owner_only.create(unfinished)
    try:
        yield unfinished
        to_disk(unfinished)
        unfinished.replace(file)
        to_disk(file.parent)
    finally:
        unfinished.unlink(missing_ok=True)


def remove(file: Path) -> None:
    """The file, and its day's and its table's folder if they are empty then."""
    file.unlink(missing_ok=True)
    for folder in (file.parent, file.parent.parent):
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
