"""The subscriptions of all tenants, and the log of calls that violate a rule."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from http import HTTPStatus

from app.simulator.control.journal import Journal
from app.simulator.errors import GraphError, not_found
from app.simulator.graph.subscriptions.subscription import Subscription, graph_time
from app.simulator.settings import Settings

# Reauthorizing and renewing one subscription closer together than this corrupts its state:
# https://learn.microsoft.com/graph/change-notifications-lifecycle-events
APART = timedelta(minutes=10)


class Subscriptions:
    def __init__(self, settings: Settings, journal: Journal, now: Callable[[], datetime]) -> None:
        self.settings, self.journal, self.now = settings, journal, now
        self.by_id: dict[str, Subscription] = {}
        self.first = asyncio.Event()  # the first subscription exists

    def live(self, tenant_id: str | None = None) -> list[Subscription]:
        """The subscriptions that have not expired; expired ones are removed."""
        now = self.now()
        self.by_id = {key: each for key, each in self.by_id.items() if each.expires > now}
        return [each for each in self.by_id.values() if tenant_id in (None, each.tenant_id)]

    def find(self, subscription_id: str, tenant_id: str, client_id: str) -> Subscription:
        for each in self.live(tenant_id):
            if each.id == subscription_id and each.client_id == client_id:
                return each
        raise not_found("The object was not found.")

    def exists(self, subscription_id: str) -> bool:
        return subscription_id in self.by_id

    def add(self, new: Subscription) -> None:
        for each in self.live(new.tenant_id):
            if each.key == new.key:
                text = f"Subscription Id {each.id} already exists for the requested combination"
                raise GraphError(HTTPStatus.CONFLICT, "ObjectIdentifierInUse", text)
        quota = self.settings.subscription_quota
        if len(self.live(new.tenant_id)) >= quota:
            text = f"The organization has reached its limit of {quota} subscriptions for this resource."
            raise GraphError(HTTPStatus.FORBIDDEN, "ExtensionError", text)
        self.by_id[new.id] = new
        self.first.set()
        self.log_call("create", new)

    def renew(self, one: Subscription, expires: datetime | None, notification_url: str | None) -> None:
        one.expires = expires or one.expires
        one.notification_url = notification_url or one.notification_url
        self.log_call("patch", one, too_close=one.reauthorized_at)
        one.patched_at = self.now()

    def reauthorize(self, one: Subscription) -> None:
        self.log_call("reauthorize", one, too_close=one.patched_at)
        one.reauthorized_at = self.now()

    def remove(self, one: Subscription) -> None:
        self.by_id.pop(one.id, None)
        self.log_call("delete", one)

    def log_call(self, call: str, one: Subscription, too_close: datetime | None = None) -> None:
        noted = {
            "call": call,
            "subscription_id": one.id,
            "tenant_id": one.tenant_id,
            "time": graph_time(self.now()),
        }
        self.journal.subscription_calls.append(noted)
        if too_close is not None and self.now() - too_close < APART:
            rule = "reauthorize and PATCH of one subscription must be 10 minutes apart"
            self.journal.violations.append({**noted, "rule": rule})
