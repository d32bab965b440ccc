"""The state of the simulated Graph, and the methods that change it."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa

from app.simulator.call_logs.store import CallLogs, Row
from app.simulator.calls import calls
from app.simulator.control.faults import Faults
from app.simulator.control.journal import Journal
from app.simulator.generated import GeneratedRecords
from app.simulator.graph.record_store import NEVER, RecordStore, StoredRecord, next_version, pack, rewritten, unpack
from app.simulator.graph.subscriptions.registry import Subscriptions
from app.simulator.graph.throttle import Storms, Throttle
from app.simulator.login.directory import Directory
from app.simulator.login.sign_ins import SignIns
from app.simulator.login.tokens import Mint
from app.simulator.notifications.delivery import NotificationDelivery
from app.simulator.notifications.dispatcher import NotificationDispatcher
from app.simulator.settings import Settings


class World:
    """Used in one event loop. Every method is also a route under /_control."""

    def __init__(
        self, *, seed: int = 0, settings: Settings | None = None, key: rsa.RSAPrivateKey | None = None
    ) -> None:
        self.settings = settings or Settings()
        self.seed = seed
        self.rng = Random(seed)
        self.directory = Directory(self.rng)
        self.mint = Mint(key)
        self.sign_ins = SignIns()
        self.browser_url: str | None = None  # http, because a browser does not know the CA of this process
        self.journal = Journal()
        self.faults = Faults(self.rng)
        self.throttle = Throttle(time.monotonic)
        self.storms = Storms()
        self.generated: GeneratedRecords | None = None
        self.records: defaultdict[str, RecordStore] = defaultdict(RecordStore)
        self.call_logs = CallLogs()
        self.subscriptions = Subscriptions(self.settings, self.journal, self.now)
        self.delivery = NotificationDelivery(self.settings, self.journal, self.subscriptions.exists)
        self.dispatcher = NotificationDispatcher(
            self.settings, self.subscriptions, self.delivery, self.journal, self.rng
        )

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
    ) -> StoredRecord:
        """Store a record, or a version of one, that becomes readable after `visible_after_s`.

        The notification is sent at that time, or after `notify_after_s`: Graph sometimes notifies too early.
        """
        tenant = tenant_id or self.tenant_id
        visible_at = NEVER if never_visible else self.now() + timedelta(seconds=visible_after_s)
        record = pack(document, visible_at)
        self.records_of(tenant).put(record)
        if notify:
            wait = visible_after_s if notify_after_s is None else notify_after_s
            self.delivery.call_later(wait, lambda: self.dispatcher.notify(tenant, record, duplicates))
        return record

    def bump(self, call_id: str, *, tenant_id: str | None = None, notify: bool = True) -> StoredRecord | None:
        """Add the next version of a call; None for an unknown call."""
        tenant = tenant_id or self.tenant_id
        newest = self.records_of(tenant).newest(call_id)
        if newest is None:
            return None
        record = next_version(newest, newest.version + 1, self.now())
        self.records_of(tenant).put(record)
        if notify:
            self.dispatcher.notify(tenant, record)
        return record

    def rewrite(self, call_id: str, *, tenant_id: str | None = None) -> StoredRecord | None:
        """Write the same version again with a later lastModifiedDateTime and other sessions, without notification."""
        records = self.records_of(tenant_id or self.tenant_id)
        newest = records.newest(call_id)
        if newest is None:
            return None
        record = rewritten(newest, self.now())
        records.put(record)
        return record

    def generate(self, count: int, *, days: float = 29.0, seed: int = 0) -> None:
        """Add `count` generated records to List and Get; 0 removes them."""
        until = self.now() - timedelta(hours=1)
        self.generated = GeneratedRecords(self.tenant_id, count, days, until, seed) if count > 0 else None

    def document(self, call_id: str, tenant_id: str | None = None) -> dict[str, Any] | None:
        """The complete newest version, as it was stored: a collector must finally have this document."""
        record = self.records_of(tenant_id or self.tenant_id).newest(call_id)
        return unpack(record) if record else None

    def remove(self, call_id: str, tenant_id: str | None = None) -> bool:
        return self.records_of(tenant_id or self.tenant_id).remove(call_id)

    def records_of(self, tenant_id: str) -> RecordStore:
        return self.records[tenant_id]

    async def make_calls(
        self,
        *,
        count: int = 1,
        kind: str = "peerToPeer",
        spread_s: float = 0,
        put: dict[str, Any] | None = None,
        **recipe: Any,
    ) -> list[str]:
        """Generate and store calls of a kind, over `spread_s` seconds; return their ids."""
        ids = []
        for number, document in enumerate(calls(count, kind, recipe, self.rng)):
            options = {"visible_after_s": spread_s * number / count, **(put or {})}
            ids.append(self.put(document, **options).id)
            await asyncio.sleep(0)  # let requests be handled meanwhile
        return ids

    # -- logs of telephone calls

    def put_log_rows(
        self, kind: str, rows: Sequence[Row], *, tenant_id: str | None = None, visible_after_s: float = 0
    ) -> None:
        """Add rows of the log `pstn` or `direct_routing`, or change the content of rows with these ids."""
        visible_at = self.now() + timedelta(seconds=visible_after_s)
        self.call_logs.put(tenant_id or self.tenant_id, kind, rows, visible_at)

    # -- notifications

    def lifecycle(self, event: str, subscription_id: str | None = None) -> int:
        return self.dispatcher.lifecycle(event, subscription_id)

    def lose(self, following: int) -> None:
        self.dispatcher.to_drop = following

    async def notify_raw(
        self, body: bytes, *, urls: Iterable[str] = (), lifecycle: bool = False
    ) -> list[dict[str, Any]]:
        return await self.dispatcher.send_raw(body, urls=urls, lifecycle=lifecycle)

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

    # -- inspection

    def clear_subscriptions(self) -> int:
        """Delete all subscriptions without an event; return their number."""
        gone = len(self.subscriptions.live())
        self.subscriptions.by_id.clear()
        return gone

    def change_settings(self, values: dict[str, Any]) -> dict[str, Any]:
        self.settings.change(values)
        return asdict(self.settings)

    def clear_log(self) -> None:
        """Reset all counts; records, subscriptions, faults and settings do not change."""
        self.journal.clear()
        self.throttle.busiest.clear()
        self.throttle.throttled = 0
        self.delivery.deliveries.clear()

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
            "deliveries": list(self.delivery.deliveries)[-200:],
            "idle": self.delivery.idle,
            "records": {tenant: len(records.versions) for tenant, records in self.records.items()},
        }

    def listed_records(self) -> list[dict[str, Any]]:
        now = self.now()
        return [
            {"id": record.id, "tenant_id": tenant, "version": record.version, "visible": record.visible_at <= now}
            for tenant, records in self.records.items()
            for versions in records.versions.values()
            for record in versions[-1:]
        ]
