"""The position where a page of calls ended, as a signed text that is valid for the same query only."""

from dataclasses import asdict
from typing import Any

from app.archive.queries.filters import Filters
from app.archive.queries.paging.position import Order, Position
from app.archive.schema.microseconds import microseconds, moment
from app.db.secrets.signed_cursor import InvalidCursorError, SignedCursors

_WRONG = "take it from next_cursor of the page before, unchanged, and keep the other parameters but limit as they were"


class Cursors:
    """Writes and reads the cursors of lists of calls; only who has the secret can make one."""

    def __init__(self, secret: bytes) -> None:
        self._signed = SignedCursors(secret)

    def write(self, position: Position, order: Order, filters: Filters) -> str:
        return self._signed.write([microseconds(position.ordered_at), position.key], _query(order, filters))

    def read(self, cursor: str, order: Order, filters: Filters) -> Position:
        """The position; a ValueError with a text for the caller if the cursor is not one of this query."""
        try:
            at, key = self._signed.read(cursor, _query(order, filters))
        except InvalidCursorError:
            raise ValueError(_WRONG) from None
        return Position(moment(at), key)


def _query(order: Order, filters: Filters) -> list[Any]:
    """The tenants that the caller may see are part of it: a cursor of another caller is invalid."""
    given = {name: value for name, value in asdict(filters).items() if value is not None}
    return [order, given | {"tenants": filters.visible(), "tenant_id": None}]
