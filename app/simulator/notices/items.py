"""Notification items as Graph writes them, which is not always the same way."""

from random import Random
from typing import Any

from app.simulator.graph.subscription import Subscription, graph_time

TYPES = ("#Microsoft.Graph.callRecord", "#microsoft.graph.callrecord", "#microsoft.graph.callRecords.callRecord")
RESOURCES = ("communications/callRecords/", "/communications/callRecords/", "communications/callrecords/")


def change_item(subscription: Subscription, call_id: str, change_type: str, rng: Random) -> dict[str, Any]:
    """It never contains the record's version; its own id is sometimes missing."""
    resource = f"{rng.choice(RESOURCES)}{call_id}"
    item = {
        **common(subscription),
        "changeType": change_type,
        "resource": resource,
        "resourceData": {"@odata.type": rng.choice(TYPES), "@odata.id": resource, "id": call_id},
    }
    return item if rng.getrandbits(1) else {"id": f"{rng.getrandbits(128):032x}", **item}


def lifecycle_item(subscription: Subscription, event: str) -> dict[str, Any]:
    """No resource and no change type, whatever the metadata demands."""
    return {**common(subscription), "lifecycleEvent": event}


def common(subscription: Subscription) -> dict[str, Any]:
    return {
        "subscriptionId": subscription.id,
        "subscriptionExpirationDateTime": graph_time(subscription.expires),
        "clientState": subscription.client_state,
        "tenantId": subscription.tenant_id,
    }
