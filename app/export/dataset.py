"""A table as it is exported."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, LargeBinary, Select, Table, Text

from app.archive.schema.tables import documents
from app.export.sources import CALLS, Source


@dataclass(frozen=True, slots=True)
class Dataset:
    """A table as it is exported."""

    name: str
    columns: tuple[Column[Any], ...]
    rows: Select[Any]
    """Of the complete source, in its order; to be narrowed to some keys."""

    @property
    def names(self) -> list[str]:
        """Of its columns, as plain texts: SQLAlchemy's are a kind of their own, which orjson refuses."""
        return [str(column.name) for column in self.columns]

    written: Callable[[Any], tuple[Any, ...]] = tuple
    """A row as it is written to files."""

    detail: Table | None = None
    """The table, if it is one that only calls with detail rows are in."""

    source: Source = CALLS

    @property
    def is_documents(self) -> bool:
        return self.name == documents.name

    def readable(self, rows: Iterable[Any]) -> list[tuple[Any, ...]]:
        """As they are written: documents as text."""
        return [self.written(row) for row in rows]


def kind(column: Column[Any]) -> Any:
    """The column's type as files have it: a packed document is text there."""
    return Text() if isinstance(column.type, LargeBinary) else column.type
