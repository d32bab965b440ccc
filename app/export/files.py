"""What every export format provides: a function that opens one file, and a writer that takes rows of a dataset."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

from app.export.dataset import Dataset

Rows = Sequence[tuple[Any, ...]]


class Writer(Protocol):
    def write(self, rows: Rows) -> None: ...


class Opener(Protocol):
    """Writes one file, which is complete at the end of the block."""

    def __call__(self, file: Path, dataset: Dataset) -> AbstractContextManager[Writer]: ...
