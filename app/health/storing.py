"""Whether notifications are stored at present: what one web process knows, because its webhook refuses them."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from time import monotonic

from sqlalchemy.exc import SQLAlchemyError

from app.db import Database
from app.db.outage import write_probe
from app.db.outage.causes import (
    BROKEN_FILE,
    CONNECTION,
    DISK_FULL,
    LOCK,
    LOGIN,
    OTHER,
    PERMISSION,
    READ_ONLY,
    TOO_MANY_CONNECTIONS,
    WORDS,
    cause,
)
from app.health.durations import counted
from app.health.rules import Reason
from app.settings.units import describe_duration

PATIENCE = 3.0  # seconds for a probe

_ADVICE = {
    DISK_FULL: "free space, or enlarge the disk",
    LOCK: "end the transaction that holds the lock; PostgreSQL lists it in `pg_stat_activity`",
    CONNECTION: "check that the database runs, and the network to it",
    LOGIN: "correct DATABASE_URL, or the user at the server",
    READ_ONLY: "DATABASE_URL names a standby server, or the file or its file system is mounted read-only",
    TOO_MANY_CONNECTIONS: "raise the server's `max_connections`, or run fewer processes",
    PERMISSION: "grant the user the permissions on all tables",
    BROKEN_FILE: "check the disk and the file, or restore a backup",
    OTHER: "the database's own log says more",
}


class Storing:
    """``refused`` and ``stored`` say how storing a notification ended; ``reason`` is None while it works."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._since: float | None = None
        self._cause = OTHER
        self._requests = 0

    @property
    def works(self) -> bool:
        return self._since is None

    def refused(self, why: str, *, requests: int = 1) -> None:
        """``why`` is one of the causes; ``requests``: how many were answered with 503."""
        if self._since is None:
            self._since, self._requests = self._clock(), 0
        self._cause = why
        self._requests += requests

    def stored(self) -> float:
        """Seconds for which nothing could be stored before; 0 if the last notification was stored as well."""
        since, self._since = self._since, None
        return 0.0 if since is None else self._clock() - since

    def reason(self) -> Reason | None:
        if self._since is None:
            return None
        duration = describe_duration(timedelta(seconds=self._clock() - self._since))
        what = f"for {duration}, {counted(self._requests, 'request')} of Graph answered with 503"
        return _reason(self._cause, f" ({what})")


async def probe(database: Database) -> Reason | None:
    """Write to the database as a notification would; what a process that has no webhook can know."""
    try:
        async with asyncio.timeout(PATIENCE):
            await write_probe.write(database.begin)
    except (SQLAlchemyError, OSError) as error:
        return _reason(cause(error, timeout=timeout_cause(database.dialect)))
    return None


def timeout_cause(dialect: str) -> str:
    """Why a write got no answer: SQLite waits only for other writers."""
    return LOCK if dialect == "sqlite" else CONNECTION


def _reason(why: str, details: str = "") -> Reason:
    return Reason("storing", f"notifications cannot be stored{details}: {WORDS[why]}. To do: {_ADVICE[why]}")
