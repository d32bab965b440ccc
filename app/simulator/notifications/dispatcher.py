"""Which subscription gets which notification: changes, lifecycle events, lost and forged notifications."""

from collections.abc import Iterable
from random import Random
from typing import Any

from app.simulator.control.journal import Journal
from app.simulator.graph.record_store import StoredRecord
from app.simulator.graph.subscriptions.registry import Subscriptions
from app.simulator.graph.subscriptions.subscription import Subscription
from app.simulator.notifications.delivery import NotificationDelivery
from app.simulator.notifications.items import change_item, lifecycle_item
from app.simulator.settings import Settings

LIFECYCLE_EVENTS = ("reauthorizationRequired", "subscriptionRemoved", "missed")


class NotificationDispatcher:
    def __init__(
        self,
        settings: Settings,
        subscriptions: Subscriptions,
        delivery: NotificationDelivery,
        journal: Journal,
        rng: Random,
    ) -> None:
        self.settings, self.subscriptions, self.delivery = settings, subscriptions, delivery
        self.journal, self.rng = journal, rng
        self.to_drop = 0  # number of the next notifications that are dropped

    def notify(self, tenant_id: str, record: StoredRecord, duplicates: int = 0) -> None:
        """Notify every subscription of the tenant of a record that became readable."""
        for one in self.subscriptions.live(tenant_id):
            if one.wants(record.participant_ids):
                self.notify_one(one, record.id, duplicates)

    def notify_one(self, one: Subscription, call_id: str, duplicates: int) -> None:
        """`created` is sent for the first version only; `updated` is sent for every version."""
        first_sight = call_id not in one.seen
        one.seen.add(call_id)
        for change_type in sorted(one.change_types):
            if change_type == "created" and not first_sight:
                continue
            item = change_item(one, call_id, change_type, forms=self.settings.notification_forms, rng=self.rng)
            if not self.drop_this():
                for _ in range(1 + duplicates):
                    self.delivery.put(one.notification_url, item)

    def drop_this(self) -> bool:
        if self.to_drop <= 0:
            return False
        self.to_drop -= 1
        self.journal.count("notifications_lost")
        return True

    def lifecycle(self, event: str, subscription_id: str | None = None) -> int:
        """Send an event and return the number of subscriptions; ValueError for an unknown event.

        The event subscriptionRemoved deletes the subscriptions.
        """
        if event not in LIFECYCLE_EVENTS:
            raise ValueError(f"event is one of {', '.join(LIFECYCLE_EVENTS)}")
        notified = [one for one in self.subscriptions.live() if subscription_id in (None, one.id)]
        for one in notified:
            if event == "subscriptionRemoved":
                self.subscriptions.remove(one)
            if one.lifecycle_url:
                self.delivery.put(one.lifecycle_url, lifecycle_item(one, event))
        return len(notified)

    async def send_raw(self, body: bytes, *, urls: Iterable[str], lifecycle: bool) -> list[dict[str, Any]]:
        """Send a body unchanged, for example a forged one, to the subscriptions' URLs or to `urls`."""
        live = self.subscriptions.live()
        own = {one.lifecycle_url if lifecycle else one.notification_url for one in live}
        targets = list(urls) or sorted(url for url in own if url)
        return [{"url": url, "status": await self.delivery.post(url, body)} for url in targets]
