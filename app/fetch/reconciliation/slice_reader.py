"""Reads one slice of Graph's list, compares its pages with the archive, and queues the missing calls."""

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from app.archive.erasure import digests
from app.archive.erasure.digests import Erased
from app.archive.parse.identities import identifiers
from app.archive.retention.expired_calls import aged_from
from app.db import Database
from app.fetch.reconciliation import progress
from app.fetch.reconciliation.missing import missing
from app.fetch.reconciliation.progress import Progress
from app.fetch.reconciliation.window import FEW_PAGES, LONGEST_DENSE, Slice
from app.graph.client import Listed
from app.graph.errors import GraphError
from app.inbox import queue, tenant_state
from app.inbox.queue import WINDOW, Notice

BATCH = 1000  # records compared with the archive at once
LONGEST_WAIT = 30.0  # seconds after which fewer are compared, so that people see progress


class Client(Protocol):
    """The part of `app.graph.client.GraphClient` that is needed here."""

    def call_records(self, since: datetime, until: datetime | None = None) -> AsyncGenerator[list[Listed], None]: ...


class TakenOver(Exception):
    """Another process has taken this sweep over, because our lease ran out."""


@dataclass(frozen=True, slots=True)
class Swept:
    """How many records Graph listed, and how many of them are missing here or stored in a lower version."""

    listed: int
    queued: int

    def __add__(self, other: "Swept") -> "Swept":
        return Swept(self.listed + other.listed, self.queued + other.queued)


NOTHING = Swept(0, 0)


@dataclass(frozen=True, slots=True)
class Options:
    """What is the same for all slices of a sweep.

    Calls older than ``retention`` are not queued: they would be deleted again. Those that ended after
    ``listening_since`` should have been notified: they are counted in the tenant's row.
    """

    retention: timedelta | None = None
    listening_since: datetime | None = None
    traceparent: str | None = None
    on_progress: Callable[[Swept], None] = lambda _: None


class SliceReader:
    """Reads one slice once; how far it came can be seen in ``pages``, ``swept`` and ``is_too_long``."""

    def __init__(self, database: Database, client: Client, sweep: Progress, part: Slice, options: Options) -> None:
        self._database = database
        self._client = client
        self._sweep = sweep
        self._part = part
        self._options = options
        self._batch: list[Listed] = []
        self._compared_at = monotonic()
        self.pages = 0
        self.swept = NOTHING
        self.is_too_long = False

    async def read(self) -> None:
        """To the slice's end, or until it turns out too long; raises GraphError and TakenOver.

        Calls that were listed before an error are queued too: queueing them twice does no harm.
        """
        try:
            async with aclosing(self._client.call_records(self._part.since, self._part.until)) as pages:
                async for page in pages:
                    await self._take(page)
                    if self.is_too_long:
                        break
        except GraphError:
            await self._compare()
            raise
        await self._compare()

    async def _take(self, page: list[Listed]) -> None:
        self.pages += 1
        self._batch += [listed for listed in page if self._is_wanted(listed)]
        if len(self._batch) >= BATCH or monotonic() - self._compared_at > LONGEST_WAIT:
            await self._compare()
        self._options.on_progress(
            Swept(self._sweep.listed, self._sweep.queued) + self.swept + Swept(len(self._batch), 0)
        )
        self.is_too_long = self.pages > FEW_PAGES and self._sweep.length > LONGEST_DENSE

    def _is_wanted(self, listed: Listed) -> bool:
        """The slice at the end has no upper bound, and may begin before the sweep."""
        start, until = listed.start, self._sweep.until
        return start is None or (self._sweep.since <= start and (until is None or start < until))

    async def _compare(self) -> None:
        """Most batches hold nothing new: the database is asked first, and written to where something is missing."""
        if not self._batch:
            return
        batch, self._batch, now = self._batch, [], datetime.now(UTC)
        young = [listed for listed in batch if not _is_over(listed, self._options.retention, now)]
        async with self._database.reading() as db:
            lacking = [one.listed for one in await missing(db, self._sweep.tenant_id, young)]
        async with self._database.begin() as db:
            queued = await self._queue(db, lacking, now) if lacking else 0
            if not await progress.touch(db, self._sweep, now):
                raise TakenOver
        self.swept += Swept(len(batch), queued)
        self._compared_at = monotonic()

    async def _queue(self, db: AsyncConnection, lacking: list[Listed], now: datetime) -> int:
        """Compared once more, in the transaction that writes: a notification may have come meanwhile."""
        found = await missing(db, self._sweep.tenant_id, lacking)
        erased = await digests.read(db)  # in this transaction: an erasure waits for its end and finds what it wrote
        notices = [self._notice(one.listed, now, erased) for one in found]
        await queue.put(db, notices, now, swept=True)
        if self._options.listening_since is not None:
            ends = [_ended(one.listed, now) for one in found if one.is_new]
            await tenant_state.count_unnotified(db, self._sweep.tenant_id, self._options.listening_since, ends)
        return len(found)

    def _notice(self, listed: Listed, now: datetime, erased: Erased) -> Notice:
        # "Records about calls or online meetings that started more than 30 days ago are not available."
        deadline = (listed.start or listed.end or now) + WINDOW
        notice = Notice(self._sweep.tenant_id, listed.id, deadline, self._options.traceparent, listed.start)
        organizer = listed.organizer
        if organizer is None or erased.person(organizer.id, organizer.user_principal_name):
            return notice
        return replace(notice, organizer_id=identifiers.normal(organizer.id), organizer_name=organizer.name)


def _is_over(listed: Listed, retention: timedelta | None, now: datetime) -> bool:
    return retention is not None and aged_from(listed.end, listed.start, now) < now - retention


def _ended(listed: Listed, now: datetime) -> datetime:
    """A notification comes after the end of a call; what Graph dates in the future has ended all the same."""
    return min(listed.end or listed.start or now, now)
