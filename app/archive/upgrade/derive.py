"""Saves anew the calls that an older program saved beside this schema, with what that program does not derive.

Found by the marks that every program of this age leaves (see derivation): such a call has none, or one of the
revision that the older program replaced. What is saved comes from the document in the archive; Graph is not asked.
"""

import asyncio
from datetime import timedelta

from sqlalchemy.exc import SQLAlchemyError

from app.archive.schema.tables import underived
from app.archive.upgrade.derive_call import anew, some_keys
from app.db import Database, lease
from app.observability import log

EVERY = timedelta(minutes=1)
REST = 4  # times as long as a call took, so that the work never takes more than a fifth of a core
SOME = 500  # keys asked for at once

_log = log.get(__name__)


class Derive:
    """Derives anew what older programs left."""

    def __init__(self, database: Database, *, holder: str, every: timedelta = EVERY) -> None:
        self._database = database
        self._holder = holder
        self._every = every

    async def run(self) -> None:
        """For ever; nothing that the database does ends it."""
        while True:
            try:
                await self.once()
            except (SQLAlchemyError, OSError) as error:
                _log.error("derivation_failed", error=type(error).__name__)
            await asyncio.sleep(self._every.total_seconds())

    async def once(self) -> int:
        """How many calls were saved anew; none where there are none, or another process is at it."""
        if not await some_keys(self._database, underived, 0, 1):
            return 0
        async with lease.hold(self._database, "derive", self._holder) as ours:
            calls = await self._all() if ours else 0
        if calls:
            _log.info("derived", calls=calls)
        return calls

    async def _all(self) -> int:
        clock = asyncio.get_running_loop().time
        calls, last = 0, 0
        while keys := await some_keys(self._database, underived, last, SOME):
            for key in keys:
                begun = clock()
                calls += await anew(self._database, key, underived)
                await asyncio.sleep(REST * (clock() - begun))
            last = keys[-1]
        return calls
