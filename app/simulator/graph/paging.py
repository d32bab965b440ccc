"""Pages: a slice of a list, and the absolute link to the next page."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from yarl import URL

from app.simulator.graph.odata import Prefer, read_skiptoken, write_skiptoken


@dataclass(frozen=True, slots=True)
class Slice:
    start: int
    size: int

    def of(self, items: Sequence[Any]) -> Sequence[Any]:
        return items[self.start : self.start + self.size]

    def follows(self, items: Sequence[Any]) -> int | None:
        """The position of the next page; None on the last page."""
        end = self.start + self.size
        return end if end < len(items) else None


def read_slice(skiptoken: str | None, prefer: Prefer, largest: int) -> Slice:
    """A client may request a smaller page than Graph's, never a larger one; a skiptoken contains the size."""
    start, size = read_skiptoken(skiptoken)
    wished = prefer.page_size or size or largest
    return Slice(start, min(wished, largest))


def next_link(url: URL, position: int, size: int) -> str:
    """Absolute, with `$` unescaped, as Graph writes links."""
    query = [f"{name}={quoted(value)}" for name, value in url.query.items() if name != "$skiptoken"]
    text = "&".join([*query, f"$skiptoken={quoted(write_skiptoken(position, size))}"])
    return f"{url.origin()}{url.raw_path}?{text}"


def quoted(value: str) -> str:
    return quote(value, safe="$()'=,:/")
