"""Notification items in the different forms that Graph writes."""

from random import Random
from typing import Any

from app.simulator.graph.subscriptions.subscription import Subscription, graph_time
from app.simulator.notifications.forms import choose, resource_members


def change_item(
    subscription: Subscription, call_id: str, change_type: str, *, forms: str, rng: Random
) -> dict[str, Any]:
    """The item does not contain the record's version, and its own id is sometimes missing."""
    item = {
        **common(subscription),
        "changeType": change_type,
        **resource_members(choose(forms, rng), call_id, rng),
    }
    return item if rng.getrandbits(1) else {"id": f"{rng.getrandbits(128):032x}", **item}


def lifecycle_item(subscription: Subscription, event: str) -> dict[str, Any]:
    """No resource and no change type, although the metadata requires them."""
    return {**common(subscription), "lifecycleEvent": event}


def common(subscription: Subscription) -> dict[str, Any]:
    return {
        "subscriptionId": subscription.id,
        "subscriptionExpirationDateTime": graph_time(subscription.expires),
        "clientState": subscription.client_state,
        "tenantId": subscription.tenant_id,
    }
