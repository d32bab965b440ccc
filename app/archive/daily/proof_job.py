"""Proves the counts of one day after another on a schedule, in the process that has the lease."""

from datetime import timedelta

from app.archive.daily import older_counts, proof
from app.db import Database, lease
from app.observability import log

EVERY = timedelta(hours=1)
REST = 4  # times as long as counting some calls took: it takes at most a fifth of a core

_log = log.get(__name__)


class ProofJob:
    """Compares the counts of the day that was not proven for the longest time with its calls."""

    def __init__(self, database: Database, *, holder: str, every: timedelta = EVERY, rest: float = REST) -> None:
        self._database = database
        self._holder = holder
        self.every = every
        self.rest = 0.0  # it rests within a day
        self._rest = rest

    async def once(self) -> int | None:
        """How many rows were wrong; None where there is nothing to prove, or where another process does it."""
        async with self._database.reading() as db:
            day = None if await older_counts.is_left(db) else await proof.next_day(db)
        if day is None:
            return None
        async with lease.hold(self._database, "prove_counts", self._holder) as is_ours:
            drift = await proof.prove(self._database, day, rest=self._rest) if is_ours else None
        if drift:
            _log.error("daily_counts_corrected", day=day, rows=drift)
        return drift

    def on_error(self, error: str, times: int) -> None:
        _log.error("daily_counts_proof_failed", error=error, times=times)
