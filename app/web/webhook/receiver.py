"""Takes what Graph posts: authenticate each item, store the authentic ones in a group commit, then answer 202."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from time import monotonic
from typing import Any, Self

from app.db import Database
from app.db.group_commit import Group
from app.ids import TenantId
from app.inbox import queue, tenant_state
from app.inbox.queue import Notice
from app.observability import log
from app.observability.metrics import Metrics
from app.observability.tracing import OFF, Tracing, spans
from app.subscriptions import model
from app.web.webhook.authentication import Accepted, Event, NotUnderstood, authenticate
from app.web.webhook.client_states import ClientStates

PATIENCE = 2.5  # seconds; Graph waits 3 for the first answer
CONNECTIONS = 2  # to the database: one for the group commit, one that reads client states
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
    ) -> None:
        self._tracing = tracing
        self._database = database.dedicated(CONNECTIONS, PATIENCE)
        self._states = ClientStates(self._database, tenant_ids)
        self._metrics = metrics
        self._on_queued = on_queued
        self._on_lifecycle_event = on_lifecycle_event
        self._marked: dict[str, float] = {}
        self._group: Group[Accepted] = Group(self._commit, most=200)

    async def __aenter__(self) -> Self:
        await self._group.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
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
            async with asyncio.timeout(PATIENCE):
                outcomes = await authenticate(entries, self._states, accepted, monotonic())
                if accepted:
                    await self._group.add(accepted)
        except Exception:
            self._count(Counter(not_stored=len(accepted), not_authenticated=len(entries) - len(accepted)))
            raise
        self._count(outcomes)
        return outcomes

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
        async with self._database.begin() as db:
            await queue.put(db, notices, now)
            await model.store_events(db, events, now)
            for tenant_id in self._to_mark(notices):
                await tenant_state.mark(db, tenant_id, notified_at=now)
            for (tenant_id, _, shape), items in sorted(not_understood.items()):
                await tenant_state.add_not_understood(db, tenant_id, items, shape, now)

    def _to_mark(self, notices: Sequence[Notice]) -> list[TenantId]:
        """Tenants whose time of the last notification is due to be written: not at each commit, to avoid a hot row."""
        now = monotonic()
        notified = sorted({notice.tenant_id for notice in notices})
        due = [tenant_id for tenant_id in notified if now - self._marked.get(tenant_id, -MARK) >= MARK]
        self._marked.update(dict.fromkeys(due, now))
        return due
