"""Takes what Graph posts: authenticate each item, store the authentic ones in a group commit, then answer 202."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from time import monotonic
from typing import Any, Self

from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db import Database, Limits
from app.db.group_commit import Group
from app.db.outage import write_probe
from app.db.outage.causes import LOCK as LOCKED
from app.db.outage.causes import WORDS, cause, in_words
from app.health.storing import Storing, timeout_cause
from app.ids import TenantId
from app.inbox import deferred, queue, webhook_marks
from app.inbox.queue import Notice
from app.inbox.webhook_marks import NotUnderstood
from app.observability import log
from app.observability.metrics import Metrics
from app.observability.rare_log import RareLog
from app.observability.tracing import OFF, Tracing, spans
from app.subscriptions import model
from app.web.webhook.authentication import Accepted, Event, authenticate
from app.web.webhook.client_states import ClientStates

PATIENCE = 2.5  # seconds; Graph waits 3 for the first answer
LOCK = 0.5  # seconds that storing waits for a lock of the inbox; then the notices are deferred
PROBE = 5.0  # seconds between two probes of writing while notifications are refused
MARK = 5.0  # seconds between two writes of "last notified"

_log = log.get(__name__)


class Receiver:
    """``async with Receiver(…) as receiver:`` and ``await receiver.take(entries)`` returns when they are durable.

    It uses database connections of its own, so that slow readers elsewhere in the process never delay a notification.
    """

    def __init__(
        self,
        database: Database,
        tenant_ids: Iterable[TenantId],
        metrics: Metrics,
        *,
        on_queued: Callable[[], None] = lambda: None,
        on_lifecycle_event: Callable[[], None] = lambda: None,
        tracing: Tracing = OFF,
        patience: float = PATIENCE,
    ) -> None:
        self.patience = patience
        self._tracing = tracing
        self._database = database.dedicated(Limits(statement=patience, lock=LOCK))
        self._states = ClientStates(self._database, tenant_ids)
        self._metrics = metrics
        self._on_queued = on_queued
        self._on_lifecycle_event = on_lifecycle_event
        self._deferred = RareLog(lambda why, times: _log.warning("notices_deferred", error=why, times=times))
        self._marked: dict[str, float] = {}
        self._group: Group[Accepted] = Group(self._commit, most=200)
        self.storing = Storing()
        self._not_stored = RareLog(lambda why, times: _log.error("notifications_not_stored", error=why, times=times))
        self._probing = asyncio.Event()
        self._prober: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        if await self._database.warm():
            await self._states.warm()
        await self._group.__aenter__()
        self._prober = asyncio.create_task(self._probe(), name="write probe")
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._prober:
            self._prober.cancel()
            await asyncio.wait([self._prober])
        await self._group.__aexit__(None, None, None)
        await self._states.close()
        await self._database.close()

    async def take(self, entries: Sequence[Any]) -> Counter[str]:
        """Outcome -> number of entries of one collection.

        Raises TimeoutError or the database's error when the items could not be stored in time: nothing is lost,
        because Graph then sends them again for 4 hours.
        """
        accepted = Accepted(origin=self._tracing.current(), traceparent=self._tracing.traceparent())
        try:
            async with asyncio.timeout(self.patience):
                outcomes = await authenticate(entries, self._states, accepted, monotonic())
                if accepted:
                    await self._group.add(accepted)
        except Exception as error:
            self._count(Counter(not_stored=len(accepted), not_authenticated=len(entries) - len(accepted)))
            self._refused(error)
            raise
        if accepted:
            self._stored()
        self._count(outcomes)
        return outcomes

    def _refused(self, error: Exception) -> None:
        why = self._why(error)
        self._metrics.not_stored.labels(cause=why).inc()
        self._not_stored.note(WORDS[why])
        if self.storing.works:
            self._probing.set()
        self.storing.refused(why)

    def _why(self, error: Exception) -> str:
        return cause(error, timeout=timeout_cause(self._database.dialect))

    def _stored(self) -> None:
        if seconds := self.storing.stored():
            _log.info("notifications_stored_again", seconds=round(seconds))

    async def _probe(self) -> None:
        """While notifications are refused, find out when that is over: Graph may not send one for minutes."""
        while True:
            await self._probing.wait()
            await asyncio.sleep(PROBE)
            if self.storing.works:
                self._probing.clear()
                continue
            try:
                async with asyncio.timeout(PATIENCE):
                    await write_probe.write(self._database.writing)
                    async with self._database.writing() as db:  # waits for a lock of the table, and inserts nothing
                        await deferred.defer(db, [], datetime.now(UTC))
            except (SQLAlchemyError, OSError) as error:
                self.storing.refused(self._why(error), requests=0)
            else:
                self._stored()

    def _count(self, outcomes: Counter[str]) -> None:
        for outcome, items in outcomes.items():
            self._metrics.notifications.labels(outcome=outcome).inc(items)

    async def _commit(self, batch: Sequence[Accepted]) -> None:
        now = datetime.now(UTC)
        notices = [notice for one in batch for notice in one.notices]
        events = [event for one in batch for event in one.events]
        not_understood = Counter(item for one in batch for item in one.not_understood)
        counts = {spans.NOTICES: len(notices), spans.EVENTS: len(events)}
        with self._tracing.joint(spans.PUT, [one.origin for one in batch], counts):
            await self._put(notices, events, not_understood, now)
        for (tenant_id, reason, shape), items in not_understood.items():
            _log.warning("notification_not_understood", tenant_id=tenant_id, reason=reason, shape=shape, items=items)
        if notices:
            self._on_queued()
        if events:
            self._on_lifecycle_event()

    async def _put(
        self,
        notices: Sequence[Notice],
        events: Sequence[Event],
        not_understood: Counter[NotUnderstood],
        now: datetime,
    ) -> None:
        async with self._database.writing() as db:
            if notices:
                await self._put_notices(db, notices, now)
            await model.store_events(db, events, now)
            if not_understood:
                await webhook_marks.count_not_understood(db, not_understood, now)
            if tenants := self._to_mark(notices):
                await webhook_marks.mark_notified(db, tenants, now)

    async def _put_notices(self, db: AsyncConnection, notices: Sequence[Notice], now: datetime) -> None:
        try:
            await queue.put(db, notices, now)
        except DBAPIError as error:
            if self._database.dialect == "sqlite" or cause(error) != LOCKED:
                raise
            await db.rollback()  # ends SQLAlchemy's transaction; nothing is sent
            await deferred.defer(db, notices, now)
            self._deferred.note(in_words(error))

    def _to_mark(self, notices: Sequence[Notice]) -> list[TenantId]:
        """Tenants whose time of the last notification is due to be written: not at each commit, to avoid a hot row."""
        now = monotonic()
        notified = sorted({notice.tenant_id for notice in notices})
        due = [tenant_id for tenant_id in notified if now - self._marked.get(tenant_id, -MARK) >= MARK]
        self._marked.update(dict.fromkeys(due, now))
        return due
