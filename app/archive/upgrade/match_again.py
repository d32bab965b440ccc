"""Matches archived calls again with the building file after it changed, in the background.

It can stop at any moment, and any process can continue: a call that was matched has the revision of the lists. The
counts of its day follow, because saving the call marks the day.
"""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from app.archive.queries import stored_calls
from app.archive.sites import changes
from app.archive.sites.changes import Open
from app.archive.sites.current_sites import CurrentSites
from app.archive.upgrade.derive_call import anew, some_keys
from app.db import Database, lease
from app.observability import log

LEASE = "match_again"
EVERY = timedelta(minutes=1)
REST = 4  # times as long as a call took: in the background the work takes at most a fifth of a core
SOME = 500  # keys read at once
LATE = timedelta(minutes=2)  # a call that is being saved may still be matched with the lists of before

_log = log.get(__name__)


class MatchAgain:
    """Works on all changes that are not finished."""

    def __init__(
        self,
        database: Database,
        *,
        holder: str,
        every: timedelta = EVERY,
        rest: float = REST,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._holder = holder
        self._sites = CurrentSites()
        self._rest_after_call = rest
        self._clock = clock
        self.every = every
        self.rest = 0.0  # it rests after each call

    async def once(self) -> int | None:
        """How many calls were matched again; None where nothing changed, or where another process works on it."""
        if await self._unfinished() is None:
            return None
        async with lease.hold(self._database, LEASE, self._holder) as is_ours:
            found = await self._unfinished() if is_ours else None
            if found is None:
                return None
            calls = await self._match(found)
        if calls:
            _log.info("calls_matched_again", calls=calls, revision=found.revision)
        return calls

    def on_error(self, error: str, times: int) -> None:
        _log.error("match_again_failed", error=error, times=times)

    async def _unfinished(self) -> Open | None:
        async with self._database.reading() as db:
            return await changes.unfinished(db)

    async def _match(self, found: Open) -> int:
        """Up to the newest call there is now. The last pass begins when no save can have used the lists of before."""
        begun = self._clock()
        async with self._database.reading() as db:
            newest = await stored_calls.newest_key(db)
        calls, last = 0, 0
        while keys := [key for key in await some_keys(self._database, found.calls(), last, SOME) if key <= newest]:
            for key in keys:
                calls += await self._match_one(found, key)
            last = keys[-1]
            if await self._unfinished() != found:  # another change came
                return calls
        if begun >= found.changed_at + LATE:
            async with self._database.begin() as db:
                await changes.finish(db, found.revision, self._clock())
        return calls

    async def _match_one(self, found: Open, key: int) -> bool:
        clock = asyncio.get_running_loop().time
        begun = clock()
        is_matched = await anew(self._database, key, found.calls(), sites=self._sites)
        await asyncio.sleep(self._rest_after_call * (clock() - begun))
        return is_matched
