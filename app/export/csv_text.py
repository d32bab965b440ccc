"""Tables as CSV: RFC 4180, UTF-8, a header; a text is quoted, so that an empty one is not a missing one.

A spreadsheet takes a cell that begins with = + - @, tab or carriage return for a formula, and a display name is
anybody's to choose. Such a text gets an apostrophe before it, and so does one that begins with an apostrophe: who
takes the first apostrophe off again has what was there. Numbers are never touched.
https://owasp.org/www-community/attacks/CSV_Injection
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from io import TextIOWrapper
from pathlib import Path

from app.export.files import Rows
from app.export.tables import Dataset

FORMULA = ("=", "+", "-", "@", "\t", "\r", "'")
END = "\r\n"


class Table:
    def __init__(self, out: TextIOWrapper) -> None:
        self._out = out

    def write(self, rows: Rows) -> None:
        self._out.writelines(",".join(map(cell, row)) + END for row in rows)


@contextmanager
def written(file: Path, dataset: Dataset) -> Iterator[Table]:
    with file.open("w", encoding="utf-8", errors="replace", newline="") as out:
        out.write(",".join(dataset.names) + END)
        yield Table(out)


def cell(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case str():
            safe = f"'{value}" if value.startswith(FORMULA) else value
            return '"' + safe.replace('"', '""') + '"'
        case datetime():
            return value.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
        case _:
            return repr(value)  # the shortest text that is this number
