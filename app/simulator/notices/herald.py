"""Which subscription gets which notification: changes, lifecycle events, losses and forgeries."""

from collections.abc import Iterable
from random import Random
from typing import Any

from app.simulator.control.journal import Journal
from app.simulator.graph.shelf import Kept
from app.simulator.graph.subscription import Subscription
from app.simulator.graph.subscriptions import Subscriptions
from app.simulator.notices.items import change_item, lifecycle_item
from app.simulator.notices.postman import Postman
from app.simulator.settings import Settings

LIFECYCLE_EVENTS = ("reauthorizationRequired", "subscriptionRemoved", "missed")


class Herald:
    def __init__(
        self, settings: Settings, subscriptions: Subscriptions, postman: Postman, journal: Journal, rng: Random
    ) -> None:
        self.settings, self.subscriptions, self.postman = settings, subscriptions, postman
        self.journal, self.rng = journal, rng
        self.to_lose = 0  # so many of the next items are never sent

    def tell(self, tenant_id: str, kept: Kept, duplicates: int = 0) -> None:
        """Every live subscription of the tenant hears of a record that became readable."""
        for one in self.subscriptions.live(tenant_id):
            if one.wants(kept.participant_ids):
                self.tell_one(one, kept.id, duplicates)

    def tell_one(self, one: Subscription, call_id: str, duplicates: int) -> None:
        """`created` says the first sight and that alone; `updated` says the first sight too."""
        first_sight = call_id not in one.seen
        one.seen.add(call_id)
        for change_type in sorted(one.change_types):
            if change_type == "created" and not first_sight:
                continue
            item = change_item(one, call_id, change_type, forms=self.settings.notification_forms, rng=self.rng)
            if not self.loses():
                for _ in range(1 + duplicates):
                    self.postman.put(one.notification_url, item)

    def loses(self) -> bool:
        if self.to_lose <= 0:
            return False
        self.to_lose -= 1
        self.journal.count("notifications_lost")
        return True

    def lifecycle(self, event: str, subscription_id: str | None = None) -> int:
        """How many were notified; a removed subscription is really deleted. ValueError for an unknown event."""
        if event not in LIFECYCLE_EVENTS:
            raise ValueError(f"event is one of {', '.join(LIFECYCLE_EVENTS)}")
        told = [one for one in self.subscriptions.live() if subscription_id in (None, one.id)]
        for one in told:
            if event == "subscriptionRemoved":
                self.subscriptions.remove(one)
            if one.lifecycle_url:
                self.postman.put(one.lifecycle_url, lifecycle_item(one, event))
        return len(told)

    async def send_raw(self, body: bytes, *, urls: Iterable[str], lifecycle: bool) -> list[dict[str, Any]]:
        """Sends a body as it is, a forgery say, to the subscriptions' URLs or to others; their answers."""
        live = self.subscriptions.live()
        own = {one.lifecycle_url if lifecycle else one.notification_url for one in live}
        targets = list(urls) or sorted(url for url in own if url)
        return [{"url": url, "status": await self.postman.post(url, body)} for url in targets]
