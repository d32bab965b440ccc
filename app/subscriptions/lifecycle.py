"""What Graph says about a subscription itself, and how each event is answered.

https://learn.microsoft.com/graph/change-notifications-lifecycle-events
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Row

from app.db import Database
from app.inbox import tenant_state
from app.observability import log
from app.subscriptions import model

RENEWAL = "reauthorizationRequired"
# Neither is promised for call records; answered all the same, because to ignore one would lose calls.
LOSSES = {"missed", "subscriptionRemoved"}
# Graph asks every few minutes until it is answered, and what it asked before our PATCH may arrive after it.
ANSWERED_FOR = timedelta(minutes=10)

_log = log.get(__name__)


def asks_for_renewal(events: Sequence[Row[Any]], subscription: Row[Any]) -> bool:
    """Whether Graph wants its authorization renewed, or said that the subscription is gone.

    One PATCH does both, and never `/reauthorize` within 10 minutes of a PATCH: that corrupts the subscription. The
    event itself proves nothing: Graph's answer to the PATCH shows whether the subscription still exists.
    """
    return any(
        event.subscription_id.lower() == subscription.subscription_id.lower()
        and event.event in {RENEWAL, "subscriptionRemoved"}
        and (subscription.renewed_at is None or subscription.renewed_at + ANSWERED_FOR < event.received_at)
        for event in events
    )


async def settle(database: Database, tenant_id: str, events: Sequence[Row[Any]]) -> None:
    """The subscription is good again: what may have been lost is marked for a sweep, the events are forgotten."""
    async with database.begin() as db:
        for event in events:
            if event.event in LOSSES:
                tenant = await tenant_state.find(db, tenant_id)
                await tenant_state.gap(db, tenant_id, tenant.reconciled_at or event.received_at)
            await model.settled(db, event)
            _log.info("lifecycle_answered", tenant_id=tenant_id, lifecycle_event=event.event)
