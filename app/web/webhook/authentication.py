"""Authenticates each entry of a batch separately: one bad entry never affects the others.

The event loop gets a turn every few hundred entries, so that a large batch does not delay a validation handshake.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.graph.notifications import reader
from app.graph.notifications.reader import ChangeNotification, Ignored, Item, LifecycleEvent
from app.ids import TenantId
from app.inbox.queue import Notice
from app.inbox.webhook_marks import NotUnderstood
from app.observability.tracing import SpanContext
from app.web.webhook.client_states import ClientStates

CHUNK = 200  # entries between two turns of the event loop; about a millisecond

_AUTHENTIC = frozenset({"stored", "lifecycle", "not_understood"})

Event = tuple[TenantId, str, str]  # tenant, subscription, what happened


@dataclass(frozen=True, slots=True)
class Accepted:
    """The authenticated items of one POST, to be stored."""

    notices: list[Notice] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    not_understood: list[NotUnderstood] = field(default_factory=list)
    origin: SpanContext | None = None
    traceparent: str | None = None

    def __bool__(self) -> bool:
        return bool(self.notices or self.events or self.not_understood)

    def __len__(self) -> int:
        return len(self.notices) + len(self.events) + len(self.not_understood)


async def authenticate(
    entries: Sequence[Any], states: ClientStates, accepted: Accepted, arrived: float
) -> Counter[str]:
    """Outcome -> number of entries. Authentic items are added to ``accepted``.

    Items whose client state is not known are judged once more after a read that began after ``arrived``
    (`monotonic`). Raises the database's error when that read fails.
    """
    states.refresh_if_stale()
    outcomes: Counter[str] = Counter()
    unknown: list[Item] = []

    def judge(entry: Any) -> None:
        item = reader.item(entry)
        outcome = _outcome(item, states, accepted)
        if outcome not in _AUTHENTIC and _may_be_new(item, states):
            unknown.append(item)
        else:
            outcomes[outcome] += 1

    def judge_again(item: Item) -> None:
        outcomes[_outcome(item, states, accepted)] += 1

    await _in_chunks(judge, entries)
    if unknown:
        await states.read_since(arrived)
        await _in_chunks(judge_again, unknown)
    return outcomes


async def _in_chunks(judge: Callable[[Any], None], entries: Sequence[Any]) -> None:
    for start in range(0, len(entries), CHUNK):
        if start:
            await asyncio.sleep(0)
        for entry in entries[start : start + CHUNK]:
            judge(entry)


def _outcome(item: Item, states: ClientStates, accepted: Accepted) -> str:
    match item:
        case Ignored():
            return _ignored(item, states, accepted)
        case ChangeNotification(tenant_id, call_id, _, client_state, _):
            wrong = _wrong(tenant_id, client_state, states)
            if wrong is None:
                accepted.notices.append(Notice(tenant_id, call_id, traceparent=accepted.traceparent))
            return wrong or "stored"
        case LifecycleEvent(tenant_id, subscription_id, client_state, event):
            owner = tenant_id or (states.owner(client_state) if client_state else None)
            wrong = "tenant" if owner is None else _wrong(owner, client_state, states)
            if wrong is None and owner:
                accepted.events.append((owner, subscription_id, event[:100]))
            return wrong or "lifecycle"


def _ignored(item: Ignored, states: ClientStates, accepted: Accepted) -> str:
    """An authentic notification in an unknown form means a call that only a sweep will find."""
    if item.shape is None or item.tenant_id is None or not states.is_ours(item.tenant_id):
        return item.reason
    if _wrong(item.tenant_id, item.client_state, states):
        return item.reason
    accepted.not_understood.append((item.tenant_id, item.reason, item.shape))
    return "not_understood"


def _wrong(tenant_id: TenantId, client_state: str | None, states: ClientStates) -> str | None:
    """Why an item is not authentic (``tenant``, ``client_state``); None if it is."""
    if not states.is_ours(tenant_id):
        return "tenant"
    return None if client_state and states.knows(tenant_id, client_state) else "client_state"


def _may_be_new(item: Item, states: ClientStates) -> bool:
    """Another process may have created the subscription since the client states were read."""
    if not item.client_state:
        return False
    if isinstance(item, Ignored) and item.shape is None:
        return False
    return states.is_ours(item.tenant_id) if item.tenant_id else isinstance(item, LifecycleEvent)
