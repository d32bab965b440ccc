"""The one loop that repeats a periodic job for as long as the process runs."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from time import monotonic
from typing import Any, Protocol

from sqlalchemy.exc import SQLAlchemyError

from app.db.outage.causes import in_words
from app.observability.rare_log import RareLog


class PeriodicJob(Protocol):
    """A job with passes. Only the process with the job's lease does a pass; in the others, `once` returns at once."""

    @property
    def every(self) -> timedelta:
        """The pause between two passes."""

    @property
    def rest(self) -> float:
        """The pause is at least this many times the duration of the pass, which bounds the job's share of a core."""

    async def once(self) -> Any:
        """One pass."""

    def on_error(self, error: str, times: int) -> None:
        """Log that passes failed because of the database: the cause in words, and the number since the last line."""


async def repeat(
    job: PeriodicJob,
    *,
    clock: Callable[[], float] = monotonic,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> None:
    """Do passes until cancelled. An error of the database does not end the loop; it is logged at most once a minute."""
    failures = RareLog(job.on_error, clock)
    while True:
        begun = clock()
        try:
            await job.once()
        except (SQLAlchemyError, OSError) as error:
            failures.note(in_words(error))
        await sleep(max(job.every.total_seconds(), job.rest * (clock() - begun)))
