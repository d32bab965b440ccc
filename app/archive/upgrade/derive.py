"""Derives the calls again that an older version of Callkeeper saved, because it does not derive all that this one does.

They are found by ``derivation``, the number that each version writes into the calls it saves: it is missing or lower,
or it belongs to a revision that an older version replaced. The rows come from the archived document; Graph is not
asked.
"""

import asyncio
from datetime import timedelta

from app.archive.schema.tables import underived
from app.archive.sites.current_sites import CurrentSites
from app.archive.upgrade.derive_call import InThread, anew, some_keys
from app.db import Database, lease
from app.observability import log

EVERY = timedelta(minutes=1)
REST = 4  # times as long as a call took, so that the work takes at most a fifth of a core
SOME = 500  # keys read at once

_log = log.get(__name__)


class Derive:
    """Derives again what older versions saved."""

    def __init__(
        self, database: Database, *, holder: str, every: timedelta = EVERY, in_thread: InThread = asyncio.to_thread
    ) -> None:
        self._database = database
        self._holder = holder
        self._in_thread = in_thread
        self._sites = CurrentSites()
        self.every = every
        self.rest = 0.0  # it rests after each call

    async def once(self) -> int:
        """How many calls were saved again; none where there are none, or where another process does it."""
        if not await some_keys(self._database, underived, 0, 1):
            return 0
        async with lease.hold(self._database, "derive", self._holder) as is_ours:
            calls = await self._all() if is_ours else 0
        if calls:
            _log.info("derived", calls=calls)
        return calls

    def on_error(self, error: str, times: int) -> None:
        _log.error("derivation_failed", error=error, times=times)

    async def _all(self) -> int:
        clock = asyncio.get_running_loop().time
        calls, last = 0, 0
        while keys := await some_keys(self._database, underived, last, SOME):
            for key in keys:
                begun = clock()
                calls += await anew(self._database, key, underived, in_thread=self._in_thread, sites=self._sites)
                await asyncio.sleep(REST * (clock() - begun))
            last = keys[-1]
        return calls
