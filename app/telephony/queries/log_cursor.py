"""The position where a page of log rows ended, as a signed text that is valid for the same query only."""

from dataclasses import asdict
from typing import Any

from app.db.secrets.signed_cursor import InvalidCursorError, SignedCursors
from app.telephony.queries.log_filters import LogFilters
from app.telephony.queries.log_pages import LogPosition

_WRONG = "take it from next_cursor of the page before, unchanged, and keep the other parameters but limit as they were"


class LogCursors:
    """Writes and reads the cursors of lists of log rows; only who has the secret can make one."""

    def __init__(self, secret: bytes) -> None:
        self._signed = SignedCursors(secret)

    def write(self, position: LogPosition, filters: LogFilters) -> str:
        return self._signed.write(list(position), _query(filters))

    def read(self, cursor: str, filters: LogFilters) -> LogPosition:
        """The position; a ValueError with a text for the caller if the cursor is not one of this query."""
        try:
            at, key = self._signed.read(cursor, _query(filters))
        except InvalidCursorError:
            raise ValueError(_WRONG) from None
        return LogPosition(at, key)


def _query(filters: LogFilters) -> list[Any]:
    """The tenants that the caller may see are part of it: a cursor of another caller is invalid."""
    given = {name: value for name, value in asdict(filters).items() if value is not None}
    return ["call log", given | {"tenants": filters.of_calls().visible(), "tenant_id": None}]
