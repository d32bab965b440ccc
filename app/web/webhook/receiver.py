"""The door that Graph posts to: read, judge each item, store what is good in a group commit, then answer 202."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic
from typing import Self

from app.db import Database
from app.db.group_commit import Group
from app.graph.notifications import ChangeNotification, Ignored, Item, LifecycleEvent
from app.inbox import queue, tenant_state
from app.inbox.queue import Notice
from app.observability import log
from app.observability.metrics import Metrics
from app.observability.tracing import OFF, SpanContext, Tracing, spans
from app.subscriptions import model
from app.web.webhook.client_states import ClientStates

PATIENCE = 2.5  # seconds; Graph waits 3 for the first answer
MARK = 5.0  # seconds between two writes of "last notified"

Event = tuple[str, str, str]  # tenant, subscription, what happened
NotUnderstood = tuple[str, str, str]  # tenant, reason, shape

_log = log.get(__name__)


@dataclass(frozen=True, slots=True)
class Good:
    """What one POST leaves to be stored."""

    notices: list[Notice]
    events: list[Event]
    not_understood: list[NotUnderstood]
    origin: SpanContext | None = None
    traceparent: str | None = None

    def __bool__(self) -> bool:
        return bool(self.notices or self.events or self.not_understood)


class Door:
    """``async with Door(…) as door: await door.take(items)`` returns once the good ones are durable."""

    def __init__(
        self,
        database: Database,
        tenant_ids: Iterable[str],
        metrics: Metrics,
        *,
        noticed: Callable[[], None] = lambda: None,
        said: Callable[[], None] = lambda: None,
        tracing: Tracing = OFF,
    ) -> None:
        self._tracing = tracing
        self._database = database
        self._states = ClientStates(database, tenant_ids)
        self._metrics = metrics
        self._noticed = noticed
        self._said = said
        self._marked: dict[str, float] = {}
        self._group: Group[Good] = Group(self._commit, most=200)

    async def __aenter__(self) -> Self:
        await self._group.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._group.__aexit__(None, None, None)

    async def take(self, items: Sequence[Item]) -> list[str]:
        """What became of each item.

        Raises TimeoutError or the database's error when the items could not be stored in time: nothing is lost,
        because Graph then sends them again for 4 hours.
        """
        try:
            async with asyncio.timeout(PATIENCE):
                good, outcomes = await self._judge(items, monotonic())
                if good:
                    await self._group.add(good)
        except Exception:
            self._metrics.notifications.labels(outcome="not_stored").inc(len(items))
            raise
        for outcome in outcomes:
            self._metrics.notifications.labels(outcome=outcome).inc()
        return outcomes

    async def _judge(self, items: Sequence[Item], arrived: float) -> tuple[Good, list[str]]:
        good = Good([], [], [], self._tracing.current(), self._tracing.traceparent())
        return good, [await self._judge_one(item, good, arrived) for item in items]

    async def _judge_one(self, item: Item, good: Good, arrived: float) -> str:
        """Sort one item and say what became of it: a bad one never spoils the others."""
        match item:
            case Ignored():
                return await self._judge_ignored(item, good, arrived)
            case ChangeNotification(tenant_id, call_id, _, client_state, _):
                wrong = await self._states.wrong(tenant_id, client_state, arrived)
                if wrong is None:
                    good.notices.append(Notice(tenant_id, call_id, traceparent=good.traceparent))
                return wrong or "stored"
            case LifecycleEvent(tenant_id, subscription_id, client_state, event):
                tenant_id = tenant_id or await self._states.tenant_of(client_state, arrived)
                wrong = await self._states.wrong(tenant_id, client_state, arrived)
                if wrong is None and tenant_id:
                    good.events.append((tenant_id, subscription_id, event[:100]))
                return wrong or "lifecycle"

    async def _judge_ignored(self, item: Ignored, good: Good, arrived: float) -> str:
        """Graph's own notification in a form that is not known means a call that only a sweep will find."""
        if item.shape is None or item.tenant_id is None:
            return item.reason
        if await self._states.wrong(item.tenant_id, item.client_state, arrived):
            return item.reason
        good.not_understood.append((item.tenant_id, item.reason, item.shape))
        return "not_understood"

    async def _commit(self, batch: Sequence[Good]) -> None:
        now = datetime.now(UTC)
        notices = [notice for good in batch for notice in good.notices]
        events = [event for good in batch for event in good.events]
        not_understood = Counter(one for good in batch for one in good.not_understood)
        told = {spans.NOTICES: len(notices), spans.EVENTS: len(events)}
        with self._tracing.joint(spans.PUT, [good.origin for good in batch], told):
            await self._put(notices, events, not_understood, now)
        for (tenant_id, reason, shape), items in not_understood.items():
            _log.warning("notification_not_understood", tenant_id=tenant_id, reason=reason, shape=shape, items=items)
        if notices:
            self._noticed()
        if events:
            self._said()

    async def _put(
        self,
        notices: Sequence[Notice],
        events: Sequence[Event],
        not_understood: Counter[NotUnderstood],
        now: datetime,
    ) -> None:
        async with self._database.begin() as db:
            await queue.put(db, notices, now)
            await model.note(db, events, now)
            for tenant_id in self._to_mark(notices):
                await tenant_state.mark(db, tenant_id, notified_at=now)
            for (tenant_id, _, shape), items in sorted(not_understood.items()):
                await tenant_state.add_not_understood(db, tenant_id, items, shape, now)

    def _to_mark(self, notices: Sequence[Notice]) -> list[str]:
        """Tenants whose time of the last notification is due to be written; not at each, it would be a hot row."""
        now = monotonic()
        told = sorted({notice.tenant_id for notice in notices})
        due = [tenant_id for tenant_id in told if now - self._marked.get(tenant_id, -MARK) >= MARK]
        self._marked.update(dict.fromkeys(due, now))
        return due
