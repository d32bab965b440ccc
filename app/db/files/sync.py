"""Writes files to the disk: after a power failure, a rename may be there and the content of its file not."""

import os
from pathlib import Path


def to_disk(path: Path) -> None:
    """Return when the content of the file, or the entries of the folder, are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
