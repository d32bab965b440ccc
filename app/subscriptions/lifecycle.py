"""Lifecycle events of subscriptions, and how each is answered.

https://learn.microsoft.com/graph/change-notifications-lifecycle-events
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Row

from app import ids
from app.db import Database
from app.ids import TenantId
from app.inbox import tenant_state
from app.observability import log
from app.subscriptions import model

RENEWAL = "reauthorizationRequired"
# Graph documents neither for call records; they are answered because ignoring one would lose calls.
LOSSES = {"missed", "subscriptionRemoved"}
# Graph repeats the event every few minutes until it is answered, and one sent before our PATCH may arrive after it.
ANSWERED_FOR = timedelta(minutes=10)

_log = log.get(__name__)


def asks_for_renewal(events: Sequence[Row[Any]], subscription: Row[Any]) -> bool:
    """Whether Graph requests a renewal of its authorization, or reported that the subscription was removed.

    One PATCH does both, and never `/reauthorize` within 10 minutes of a PATCH: that corrupts the subscription. The
    event itself proves nothing: the answer to the PATCH shows whether the subscription still exists.
    """
    return any(
        ids.is_same(event.subscription_id, subscription.subscription_id)
        and event.event in {RENEWAL, "subscriptionRemoved"}
        and (subscription.renewed_at is None or subscription.renewed_at + ANSWERED_FOR < event.received_at)
        for event in events
    )


async def settle(database: Database, tenant_id: TenantId, events: Sequence[Row[Any]]) -> None:
    """Store that the events are answered: mark possible losses for a sweep, and delete the events."""
    async with database.begin() as db:
        for event in events:
            if event.event in LOSSES:
                tenant = await tenant_state.find(db, tenant_id)
                await tenant_state.open_gap(db, tenant_id, tenant.reconciled_at or event.received_at)
            await model.delete_event(db, event)
            _log.info("lifecycle_answered", tenant_id=tenant_id, lifecycle_event=event.event)
