"""The state behind the port, and all that can be made to happen in it."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa

from app.simulator.calls import calls
from app.simulator.control.faults import Faults
from app.simulator.control.journal import Journal
from app.simulator.generated import GeneratedRecords
from app.simulator.graph.shelf import NEVER, Kept, Shelf, pack, raised, rewritten, unpack
from app.simulator.graph.subscriptions import Subscriptions
from app.simulator.graph.throttle import Storms, Throttle
from app.simulator.login.directory import Directory
from app.simulator.login.sign_ins import SignIns
from app.simulator.login.tokens import Mint
from app.simulator.notices.herald import Herald
from app.simulator.notices.postman import Postman
from app.simulator.settings import Settings


class World:
    """In one event loop; everything here is also a route under /_control."""

    def __init__(
        self, *, seed: int = 0, settings: Settings | None = None, key: rsa.RSAPrivateKey | None = None
    ) -> None:
        self.settings = settings or Settings()
        self.rng = Random(seed)
        self.directory = Directory(self.rng)
        self.mint = Mint(key)
        self.sign_ins = SignIns()
        self.browser_url: str | None = None  # plain http: a browser need not know the CA of this run
        self.journal = Journal()
        self.faults = Faults(self.rng)
        self.throttle = Throttle(time.monotonic)
        self.storms = Storms()
        self.generated: GeneratedRecords | None = None
        self.shelves: defaultdict[str, Shelf] = defaultdict(Shelf)
        self.subscriptions = Subscriptions(self.settings, self.journal, self.now)
        self.postman = Postman(self.settings, self.journal, self.subscriptions.knows)
        self.herald = Herald(self.settings, self.subscriptions, self.postman, self.journal, self.rng)

    @property
    def tenant_id(self) -> str:
        return self.directory.tenant.id

    @property
    def client_id(self) -> str:
        return self.directory.app.client_id

    @property
    def client_secret(self) -> str:
        return self.directory.client_secret

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self.settings.clock_offset_s)

    # -- call records

    def put(
        self,
        document: dict[str, Any],
        *,
        tenant_id: str | None = None,
        visible_after_s: float = 0,
        notify: bool = True,
        notify_after_s: float | None = None,
        duplicates: int = 0,
        never_visible: bool = False,
    ) -> Kept:
        """A record, or a version of one, that can be read after a while; the notification is sent when it can,
        unless another time is given: Graph is sometimes too early. Some records can never be read.
        """
        tenant = tenant_id or self.tenant_id
        visible_at = NEVER if never_visible else self.now() + timedelta(seconds=visible_after_s)
        kept = pack(document, visible_at)
        self.shelf(tenant).put(kept)
        if notify:
            wait = visible_after_s if notify_after_s is None else notify_after_s
            self.postman.later(wait, lambda: self.herald.tell(tenant, kept, duplicates))
        return kept

    def bump(self, call_id: str, *, tenant_id: str | None = None, notify: bool = True) -> Kept | None:
        """The same call one version on; None where there is no such call."""
        tenant = tenant_id or self.tenant_id
        newest = self.shelf(tenant).newest(call_id)
        if newest is None:
            return None
        kept = raised(newest, newest.version + 1, self.now())
        self.shelf(tenant).put(kept)
        if notify:
            self.herald.tell(tenant, kept)
        return kept

    def rewrite(self, call_id: str, *, tenant_id: str | None = None) -> Kept | None:
        """The same version of a record once more, modified later and with other sessions; no notification is sent."""
        shelf = self.shelf(tenant_id or self.tenant_id)
        newest = shelf.newest(call_id)
        if newest is None:
            return None
        kept = rewritten(newest, self.now())
        shelf.put(kept)
        return kept

    def generate(self, count: int, *, days: float = 29.0, seed: int = 0) -> None:
        """From now on so many records more can be listed and read, made from their numbers; 0 ends it."""
        until = self.now() - timedelta(hours=1)
        self.generated = GeneratedRecords(self.tenant_id, count, days, until, seed) if count > 0 else None

    def document(self, call_id: str, tenant_id: str | None = None) -> dict[str, Any] | None:
        """The complete newest version, as it was put: what a collector must finally have."""
        kept = self.shelf(tenant_id or self.tenant_id).newest(call_id)
        return unpack(kept) if kept else None

    def remove(self, call_id: str, tenant_id: str | None = None) -> bool:
        return self.shelf(tenant_id or self.tenant_id).remove(call_id)

    def shelf(self, tenant_id: str) -> Shelf:
        return self.shelves[tenant_id]

    async def make_calls(
        self,
        *,
        count: int = 1,
        kind: str = "peerToPeer",
        spread_s: float = 0,
        put: dict[str, Any] | None = None,
        **recipe: Any,
    ) -> list[str]:
        """Invents calls of a kind and puts them, over some seconds where asked; their ids."""
        ids = []
        for number, document in enumerate(calls(count, kind, recipe, self.rng)):
            options = {"visible_after_s": spread_s * number / count, **(put or {})}
            ids.append(self.put(document, **options).id)
            await asyncio.sleep(0)  # let the routes answer
        return ids

    # -- notifications

    def lifecycle(self, event: str, subscription_id: str | None = None) -> int:
        return self.herald.lifecycle(event, subscription_id)

    def lose(self, following: int) -> None:
        self.herald.to_lose = following

    async def notify_raw(
        self, body: bytes, *, urls: Iterable[str] = (), lifecycle: bool = False
    ) -> list[dict[str, Any]]:
        return await self.herald.send_raw(body, urls=urls, lifecycle=lifecycle)

    # -- login

    def issue_token(self, tenant_id: str, client_id: str, audience: str, issuer: str) -> str:
        self.journal.count("tokens_issued")
        return self.mint.issue(
            tenant_id=tenant_id,
            client_id=client_id,
            audience=audience,
            issuer=issuer,
            roles=list(self.settings.roles),
            lifetime=self.settings.token_lifetime_s,
            ahead=self.settings.clock_offset_s,
        )

    def revoke_tokens(self) -> None:
        self.mint.revoke_all()

    # -- looking at it

    def clear_subscriptions(self) -> int:
        """They vanish without a word, as when Graph forgets one; how many there were."""
        gone = len(self.subscriptions.live())
        self.subscriptions.by_id.clear()
        return gone

    def change_settings(self, values: dict[str, Any]) -> dict[str, Any]:
        self.settings.change(values)
        return asdict(self.settings)

    def clear_log(self) -> None:
        """All counts restart; records, subscriptions, faults and settings stay."""
        self.journal.clear()
        self.throttle.busiest.clear()
        self.throttle.throttled = 0
        self.postman.deliveries.clear()

    def stats(self) -> dict[str, Any]:
        return {
            "counts": dict(self.journal.counts),
            "routes": dict(self.journal.routes),
            "record_gets": dict(self.journal.record_gets),
            "busiest_20s": {kind: {"requests": most, "of": key} for kind, (most, key) in self.throttle.busiest.items()},
            "throttled": self.throttle.throttled,
            "most_at_once": self.journal.most_open,
            "violations": self.journal.violations,
            "subscription_calls": self.journal.subscription_calls,
            "deliveries": list(self.postman.deliveries)[-200:],
            "idle": self.postman.idle,
            "records": {tenant: len(shelf.versions) for tenant, shelf in self.shelves.items()},
        }

    def listed_records(self) -> list[dict[str, Any]]:
        now = self.now()
        return [
            {"id": kept.id, "tenant_id": tenant, "version": kept.version, "visible": kept.visible_at <= now}
            for tenant, shelf in self.shelves.items()
            for versions in shelf.versions.values()
            for kept in versions[-1:]
        ]
