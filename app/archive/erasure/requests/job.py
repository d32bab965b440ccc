"""Works on the requests to erase people, in the background, in the process that has the lease."""

from datetime import timedelta

from app.archive.erasure.requests import table
from app.archive.erasure.requests.elsewhere import NO_TABLES, Tables
from app.archive.erasure.requests.run import Run
from app.db import Database, lease
from app.observability import log

LEASE = "erasure"
EVERY = timedelta(seconds=10)
REST = 0.5  # times as long as a step took: the work takes at most two thirds of a core

_log = log.get(__name__)


class EraseJob:
    """Continues what `callkeeper erase` began, here or in another process."""

    def __init__(
        self,
        database: Database,
        *,
        holder: str,
        elsewhere: Tables = NO_TABLES,
        every: timedelta = EVERY,
        rest: float = REST,
    ) -> None:
        self._database = database
        self._holder = holder
        self._elsewhere = elsewhere
        self.every = every
        self.rest = 0.0  # it rests after each step
        self._rest_after_step = rest

    async def once(self) -> int:
        """How many requests were finished; none where another process works on them."""
        if await self._current() is None:
            return 0
        finished = 0
        async with lease.hold(self._database, LEASE, self._holder) as is_ours:
            while is_ours and (key := await self._current()) is not None:
                await Run(self._database, key, rest=self._rest_after_step, elsewhere=self._elsewhere).finish()
                finished += 1
        return finished

    def on_error(self, error: str, times: int) -> None:
        _log.error("erasure_failed", error=error, times=times)

    async def _current(self) -> int | None:
        async with self._database.reading() as db:
            return await table.current(db)
