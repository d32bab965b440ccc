"""Tables as CSV: RFC 4180, UTF-8, a header; a text is quoted, so that an empty one is not a missing one.

A spreadsheet runs a cell that begins with = + - @ (also in full width), tab, carriage return or line feed as a
formula, and people outside choose their display names. Where a semicolon separates cells, which depends on the language
of the computer, a text also continues as a new cell after a semicolon, tab or line break. At the beginning and in each
of these positions, such a sign and an apostrophe get an apostrophe before them: removing one apostrophe in each
position restores the text. Numbers do not change.
https://owasp.org/www-community/attacks/CSV_Injection
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from io import TextIOWrapper
from pathlib import Path

from app.export.dataset import Dataset
from app.export.files import Rows

_SIGNS = "'=+@＝＋－＠\\-"  # noqa: RUF001 -- the full-width characters
_RISK = re.compile(rf"^(?=[{_SIGNS}\t\r\n])|(?<=[;\t\r\n])(?=[{_SIGNS}])")
END = "\r\n"
BOM = "\ufeff"  # without it, Excel reads UTF-8 as the local code page


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
            safe = _RISK.sub("'", value)
            return '"' + safe.replace('"', '""') + '"'
        case datetime():
            return value.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
        case Decimal():
            return f"{value:f}"  # to the digit
        case _:
            return repr(value)  # the shortest text that is this number
