"""Calls in the order in which they are archived, each returned once."""

from app.archive.queries import stored_calls
from app.archive.queries.filters import Filters
from app.db import Database
from app.web.pages.calls import rows

MOST = 20  # calls of one poll
LAG = 1000  # keys that are read again
BACK = 100  # keys before the newest call at which a list may continue; a page shows fewer calls


class Arrivals:
    """``await arrivals.poll()`` returns the calls that are new since the last poll, oldest first.

    A key is assigned before its call is committed, and PostgreSQL's writers do not wait for each other: a call may
    appear after one with a higher key. So each poll starts LAG keys before the newest one and skips returned calls.
    """

    def __init__(self, database: Database, filters: Filters, after: int | None) -> None:
        self._asked = after  # the newest key that the browser received; None for the newest in the archive
        self._after: int | None = None  # the newest key that was returned
        self._database, self._filters = database, filters
        self._returned: set[int] | None = None

    async def poll(self) -> list[stored_calls.Keyed]:
        """Each call with the newest key that was returned so far, which never decreases.

        Raises the database's errors; the next poll then returns what this one missed.
        """
        async with self._database.reading() as db:
            after = self._start(await stored_calls.newest_key(db)) if self._after is None else self._after
            keys = await stored_calls.keys_behind(db, after - LAG, self._filters, LAG + MOST)
            returned = {key for key in keys if key <= after} if self._returned is None else self._returned
            fresh = [key for key in keys if key not in returned][:MOST]
            found = await stored_calls.keyed(db, fresh)
            keys, items = [key for key, _ in found], [call for _, call in found]
            calls = await rows.shown(db, stored_calls.Page(items, None, keys))
        self._after = max([after, *fresh])
        self._returned = {key for key in (*returned, *fresh) if key > self._after - LAG}
        return [(max(after, key), call) for key, call in zip(keys, calls, strict=True)]

    def _start(self, newest: int) -> int:
        """Not further back than a browser needs, so that this list is no way to read the archive."""
        return newest if self._asked is None else max(self._asked, newest - BACK)
