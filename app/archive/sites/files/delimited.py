"""The lines of an uploaded list: CSV or TSV in the encodings that Excel and CQD write. Pure."""

import codecs
import csv
from collections.abc import Iterator
from io import StringIO
from typing import NamedTuple

MOST_BYTES = 32 << 20
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class Line(NamedTuple):
    number: int
    """Of its first line in the file, from 1."""
    fields: list[str]
    """Without blanks around them."""


class FileRefused(ValueError):
    """Why nothing of a file was imported; ``problems`` has a line each, with the number of the line in the file."""

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems = list(problems)


def lines(content: bytes) -> Iterator[Line]:
    """Lines with something in them; separated by TAB where the first one has a TAB, else by commas."""
    text = decoded(content)
    first = next((line for line in text.splitlines() if line.strip()), "")
    reader = csv.reader(StringIO(text, newline=""), delimiter="\t" if "\t" in first else ",")
    before = 0
    try:
        for fields in reader:
            stripped = [field.strip() for field in fields]
            if any(stripped):
                yield Line(before + 1, stripped)
            before = reader.line_num
    except csv.Error as error:
        raise FileRefused(f"line {reader.line_num}: {error}") from None


def decoded(content: bytes) -> str:
    """UTF-8 or UTF-16 by its byte order mark, UTF-8 without one, else Windows-1252, in which Excel saves CSV."""
    if len(content) > MOST_BYTES:
        raise FileRefused(f"the file has more than {MOST_BYTES >> 20} MiB")
    try:
        text = content.decode("utf-16" if content.startswith(_UTF_16) else "utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", "replace")
    if "\x00" in text:
        raise FileRefused("the file is not a text file: it contains NUL characters")
    return text
