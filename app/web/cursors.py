"""The cursors of the inbox, of the audit and of deliveries: signed keys, valid in their own list only."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Self

from app.archive.schema.microseconds import microseconds, moment
from app.db import Database
from app.db.secrets import shared_secret
from app.db.secrets.signed_cursor import InvalidCursorError, SignedCursors
from app.web.problems import Problem

ListName = Literal["inbox", "audit", "deliveries"]

Key = tuple[Any, ...]
"""A moment, then integers or texts."""


@dataclass(frozen=True, slots=True)
class ListCursors:
    """Writes and reads the cursors of one list."""

    signed: SignedCursors
    name: ListName

    @classmethod
    async def of(cls, database: Database, name: ListName) -> Self:
        return cls(SignedCursors(await shared_secret.get_or_create(database, "cursors")), name)

    def write(self, at: datetime, *rest: int | str) -> str:
        """The cursor of the page after the row with this key."""
        return self.signed.write([microseconds(at), *rest], [self.name])

    def read(self, cursor: str | None) -> Key | None:
        """The key that was written; a 422 problem for a text that is not a cursor of this list."""
        if cursor is None:
            return None
        try:
            at, *rest = self.signed.read(cursor, [self.name])
        except InvalidCursorError:
            raise Problem(422, "cursor: take it from next_cursor of the page before, unchanged.") from None
        return moment(at), *rest
