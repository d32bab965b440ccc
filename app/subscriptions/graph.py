"""The requests to Graph, the limits and the URLs for a subscription to call records."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from app.graph.client import Subscription

# Graph allows 4230 minutes for call records; half an hour is a margin for clocks that differ.
# https://learn.microsoft.com/graph/api/resources/subscription
LENGTH = timedelta(minutes=4200)
_RESOURCE = "communications/callrecords"


class Client(Protocol):
    """The part of `app.graph.client.GraphClient` that is needed here."""

    async def subscriptions(self) -> list[Subscription]: ...
    async def subscription(self, subscription_id: str) -> Subscription | None: ...
    async def create_subscription(
        self, *, notification_url: str, lifecycle_url: str, client_state: str, expires: datetime
    ) -> Subscription: ...
    async def renew_subscription(self, subscription_id: str, expires: datetime) -> Subscription: ...
    async def delete_subscription(self, subscription_id: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Urls:
    """The URLs of the webhook's two routes."""

    notification: str
    lifecycle: str

    @classmethod
    def under(cls, public_url: str) -> "Urls":
        return cls(f"{public_url}/graph/notifications", f"{public_url}/graph/lifecycle")


def is_to_call_records(subscription: Subscription) -> bool:
    """Graph also lists the app's subscriptions to other resources."""
    return subscription.resource.strip("/").lower() == _RESOURCE
