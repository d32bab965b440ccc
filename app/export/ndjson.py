"""Tables as NDJSON: a line is a row; a documents row holds Graph's record itself, to the digit."""

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from io import BufferedWriter
from pathlib import Path

import orjson

from app.export.dataset import Dataset
from app.export.files import Rows

_ONE_LINE = str.maketrans("\r\n", "  ")  # in JSON they stand only between texts


class Lines:
    def __init__(self, out: BufferedWriter, dataset: Dataset) -> None:
        self._out = out
        self._names = dataset.names
        self._documents = dataset.is_documents

    def write(self, rows: Rows) -> None:
        self._out.writelines(self._line(row) for row in rows)

    def _line(self, row: tuple[object, ...]) -> bytes:
        if self._documents:
            row = (*row[:-1], orjson.Fragment(str(row[-1]).translate(_ONE_LINE)))
        named = dict(zip(self._names, row, strict=True))
        return orjson.dumps(named, default=_exact, option=orjson.OPT_APPEND_NEWLINE | orjson.OPT_UTC_Z)


def _exact(value: object) -> orjson.Fragment:
    """A charge, to the digit: as Graph writes it."""
    if isinstance(value, Decimal):
        return orjson.Fragment(f"{value:f}")
    raise TypeError(type(value).__name__)


@contextmanager
def written(file: Path, dataset: Dataset) -> Iterator[Lines]:
    with file.open("wb") as out:
        yield Lines(out, dataset)
