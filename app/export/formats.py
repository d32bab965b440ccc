"""The three formats behind one face: a writer takes rows in the order of a dataset's columns."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

from app.export.tables import Dataset

Rows = Sequence[tuple[Any, ...]]


class Writer(Protocol):
    def write(self, rows: Rows) -> None: ...


class Opener(Protocol):
    """Writes one file, whole at the end of the block."""

    def __call__(self, file: Path, dataset: Dataset) -> AbstractContextManager[Writer]: ...


class Format(StrEnum):
    parquet = "parquet"
    ndjson = "ndjson"
    csv = "csv"

    def opener(self) -> Opener:
        """ExportError where the format needs what is not installed."""
        match self:
            case Format.parquet:
                from app.export.parquet import opener  # noqa: PLC0415 -- an extra

                return opener()
            case Format.ndjson:
                from app.export import ndjson  # noqa: PLC0415 -- like its brothers

                return ndjson.written
            case Format.csv:
                from app.export import csv_text  # noqa: PLC0415 -- like its brothers

                return csv_text.written
