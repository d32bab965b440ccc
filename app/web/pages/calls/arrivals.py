"""Calls in the order in which the archive gets them, each told once."""

from app.archive.queries import stored_calls
from app.archive.queries.filters import Filters
from app.db import Database

MOST = 20  # calls in one look
LAG = 1000  # keys that are looked at again


class Arrivals:
    """``await arrivals.look()`` as often as one likes: the calls that are new since, oldest first.

    A key is given before its call is committed, and PostgreSQL's writers do not wait for each other: a call may turn
    up behind a later one. So each look begins well before the newest key, and passes over what was told.
    """

    def __init__(self, database: Database, filters: Filters, after: int | None) -> None:
        self._after = after  # the newest key that was told; None for the newest that there is
        self._database, self._filters = database, filters
        self._told: set[int] | None = None

    async def look(self) -> list[stored_calls.Keyed]:
        """Each with the newest key that was told so far, which never goes back.

        Raises the database's errors; what was not found then is found by the next look.
        """
        async with self._database.reading() as db:
            after = await stored_calls.newest_key(db) if self._after is None else self._after
            keys = await stored_calls.keys_behind(db, after - LAG, self._filters, LAG + MOST)
            told = {key for key in keys if key <= after} if self._told is None else self._told
            fresh = [key for key in keys if key not in told][:MOST]
            found = await stored_calls.keyed(db, fresh)
        self._after = max([after, *fresh])
        self._told = {key for key in (*told, *fresh) if key > self._after - LAG}
        return [(max(after, key), call) for key, call in found]
