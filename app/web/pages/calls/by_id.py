"""A search for the id of a call."""

from app import ids
from app.archive.queries import stored_calls
from app.archive.queries.filters import Filters
from app.db import Readers
from app.ids import CallId
from app.web.auth.callers import Caller


async def call_id_of(reads: Readers, caller: Caller, text: str) -> CallId | None:
    """The id of a call that the caller may read; None for any other text."""
    if ids.guid(text) is None:
        return None
    call_id = ids.call_id(text)
    async with reads.reading() as db:
        return call_id if await stored_calls.key_of(db, call_id, Filters(**caller.limits)) else None
