"""Judges archived calls again by a rule set that was asked for, in the background.

It can stop at any moment, and any process can continue: a call that was judged says by which rules. The counts of its
day follow, because saving the call marks the day.
"""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from app.archive.parse.quality_rules import named
from app.archive.queries import stored_calls
from app.archive.sites.current_sites import CurrentSites
from app.archive.upgrade import reclassifications
from app.archive.upgrade.derive_call import anew, some_keys
from app.archive.upgrade.reclassifications import Request
from app.db import Database, lease
from app.observability import log

LEASE = "reclassify"
EVERY = timedelta(minutes=1)
REST = 4  # times as long as a call took: in the background the work takes at most a fifth of a core
SOME = 500  # keys asked for at once

Progress = Callable[[int], None]
"""How many calls were judged again so far."""

_log = log.get(__name__)


class Reclassify:
    """Works on the newest request that is not finished."""

    def __init__(self, database: Database, *, holder: str, every: timedelta = EVERY, rest: float = REST) -> None:
        self._database = database
        self._holder = holder
        self.every = every
        self.rest = 0.0  # it rests after each call
        self._rest_after_call = rest
        self._sites = CurrentSites()

    async def once(self, progress: Progress = lambda _: None) -> int | None:
        """How many calls were judged again; None where there is no request, or where another process works on it."""
        if await self._request() is None:
            return None
        async with lease.hold(self._database, LEASE, self._holder) as is_ours:
            request = await self._request() if is_ours else None
            if request is None:
                return None
            calls = await self._judge(request, progress)
        _log.info("reclassified", calls=calls, rules=request.rules)
        return calls

    def on_error(self, error: str, times: int) -> None:
        _log.error("reclassify_failed", error=error, times=times)

    async def _request(self) -> Request | None:
        async with self._database.reading() as db:
            return await reclassifications.current(db)

    async def _judge(self, request: Request, progress: Progress) -> int:
        """Up to the newest call there is now: later ones are judged by the rules of the day, and may never end."""
        async with self._database.reading() as db:
            newest = await stored_calls.newest_key(db)
        calls, last = 0, 0
        while keys := await self._keys(request, last, newest):
            for key in keys:
                calls += await self._judge_one(request, key)
                progress(calls)
            last = keys[-1]
            if await self._request() != request:  # another one took its place
                return calls
        async with self._database.begin() as db:
            await reclassifications.finish(db, request, datetime.now(UTC))
        return calls

    async def _keys(self, request: Request, last: int, newest: int) -> list[int]:
        keys = await some_keys(self._database, request.open_calls(), last, SOME)
        return [key for key in keys if key <= newest]

    async def _judge_one(self, request: Request, key: int) -> bool:
        clock = asyncio.get_running_loop().time
        begun = clock()
        is_judged = await anew(self._database, key, request.open_calls(), named(request.rules), sites=self._sites)
        await asyncio.sleep(self._rest_after_call * (clock() - begun))
        return is_judged
