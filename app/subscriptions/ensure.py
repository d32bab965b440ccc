"""Ensures one live subscription per tenant: creates, renews or replaces what Graph and the database have.

Safe to run from any number of replicas (a lease row admits one at a time) and any number of times.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any

from sqlalchemy import Row

from app.db import Database, lease
from app.graph.client import Subscription
from app.graph.errors import GraphError, NotFound
from app.ids import TenantId
from app.inbox import tenant_state
from app.observability import log
from app.observability.tracing import OFF, Tracing, failed, spans
from app.subscriptions import expiring, lifecycle, model, refusals
from app.subscriptions.at_graph import AtGraph
from app.subscriptions.create import Create
from app.subscriptions.graph import LENGTH, Client, Urls

# Renewed about once a day, so that renewal can fail for two days before notifications are lost.
RENEW_BELOW = timedelta(hours=48)
LIST_EVERY = 86_400.0  # seconds; a list also shows a second subscription at our address, which only costs us requests

_log = log.get(__name__)


@dataclass(frozen=True, slots=True)
class Ensured:
    """The result for one tenant: good if ``problem`` is None, otherwise what is wrong and what to do."""

    tenant_id: TenantId
    action: str  # `kept`, `renewed`, `created`, `elsewhere` (another replica did it), `failed`
    subscription_id: str | None = None
    expires_at: datetime | None = None
    problem: str | None = None

    @property
    def good(self) -> bool:
        return self.problem is None


class Ensure:
    """The subscription of one tenant."""

    def __init__(
        self,
        database: Database,
        client: Client,
        tenant_id: TenantId,
        urls: Urls,
        *,
        holder: str,
        consent_url: str,
        tracing: Tracing = OFF,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._database = database
        self._client = client
        self._tenant_id = tenant_id
        self._urls = urls
        self._holder = holder
        self._consent_url = consent_url
        self._tracing = tracing
        self._create = Create(database, client, tenant_id, urls)
        self._clock = clock
        self._listed = float("-inf")

    async def __call__(self) -> Ensured:
        """Ensure that the tenant has one live subscription; errors of Graph and its login become a ``problem``."""
        for _ in range(60):
            async with lease.hold(self._database, f"ensure:{self._tenant_id}", self._holder) as ours:
                if ours:
                    return await self._traced()
            async with self._database.reading() as db:
                if row := await model.live(db, self._tenant_id):
                    return Ensured(self._tenant_id, "elsewhere", row.subscription_id, row.expires_at)
            await asyncio.sleep(0.5)
        return self._failed(
            "another replica has worked on this subscription for 30 seconds without a result; see its log"
        )

    async def _traced(self) -> Ensured:
        with self._tracing.span(spans.ENSURE, {spans.TENANT: self._tenant_id}, root=True) as span:
            ensured = await self._logged()
            span.set_attribute(spans.ACTION, ensured.action)
            if ensured.subscription_id:
                span.set_attribute(spans.SUBSCRIPTION, ensured.subscription_id)
            if not ensured.good:
                failed(span, "problem")
        return ensured

    async def _logged(self) -> Ensured:
        try:
            ensured = await self._ensure()
        except GraphError as error:
            problem = refusals.explain(error, self._urls.notification, self._consent_url)
            _log.error(
                "subscription_failed",
                tenant_id=self._tenant_id,
                error=type(error).__name__,
                status=error.status,
                request_id=error.request_id,
                problem=problem,
            )
            await self._store_problem(problem)
            return self._failed(problem)
        _log.info(
            "subscription_ensured",
            tenant_id=self._tenant_id,
            action=ensured.action,
            subscription_id=ensured.subscription_id,
            expires_at=ensured.expires_at and ensured.expires_at.isoformat(),
        )
        return ensured

    async def _store_problem(self, problem: str) -> None:
        """For /readyz and /api/status; in a row without a subscription where the tenant has no row."""
        async with self._database.begin() as db:
            if not await model.store_problem(db, self._tenant_id, problem):
                ours, _ = await self._create.insert_row(db)
                await model.update_row(db, ours, ended_at=_now() - model.ACCEPTED_AFTER_END, last_error=problem)
            await expiring.write(db, self._tenant_id, _now())

    async def _ensure(self) -> Ensured:
        async with self._database.begin() as db:
            await tenant_state.ensure_rows(db, [self._tenant_id])
            await model.delete_long_ended(db, self._tenant_id)
            known = await model.not_ended(db, self._tenant_id)
            events = await model.pending_events(db, self._tenant_id)
        at_graph = AtGraph(self._client)
        there = await self._read_from_graph(known, at_graph)
        ours = await self._choose(known, there)
        ensured = await self._renew_if_due(ours, there, events) if ours else None
        ensured = ensured or await self._create_new(at_graph)
        await lifecycle.settle(self._database, self._tenant_id, events)
        return ensured

    async def _read_from_graph(self, known: Sequence[Row[Any]], at_graph: AtGraph) -> list[Subscription]:
        """What Graph has: only our subscription by its id in general, the complete list at first and once a day.

        Graph lets an application list 40 times in 20 seconds over all its tenants, and get single ones far more often.
        """
        only = known[0] if len(known) == 1 else None
        if only and only.subscription_id and self._has_our_urls(only) and self._clock() - self._listed < LIST_EVERY:
            return await at_graph.only(only.subscription_id)
        found = await at_graph.all()
        self._listed = self._clock()
        return found

    async def _choose(self, known: Sequence[Row[Any]], at_graph: list[Subscription]) -> Row[Any] | None:
        """The subscription to use. Other subscriptions at our address are deleted, other rows are marked as ended."""
        usable = [row for row in known if row.subscription_id and self._has_our_urls(row)]
        there = {s.id: s.expires for s in at_graph}
        usable.sort(key=lambda row: (there.get(row.subscription_id, _LONG_AGO), row.created_at))
        keep = usable.pop() if usable else None
        ended = [row for row in known if keep is None or row.id != keep.id]
        for row in ended:
            await self._store_end(row)
        ended_ids = {row.subscription_id for row in ended}
        for subscription in at_graph:
            # Without a row the client state of a subscription is unknown: its notifications would be refused.
            ours = subscription.id in ended_ids or subscription.notification_url == self._urls.notification
            if ours and (keep is None or subscription.id != keep.subscription_id):
                await self._try_to_delete(subscription)
        return keep

    async def _renew_if_due(
        self, row: Row[Any], at_graph: list[Subscription], events: Sequence[Row[Any]]
    ) -> Ensured | None:
        """Renew it if it is due; None if Graph no longer has it."""
        there = next((s for s in at_graph if s.id == row.subscription_id), None)
        if there and there.expires - _now() > RENEW_BELOW and not lifecycle.asks_for_renewal(events, row):
            return await self._store_expiry(row, "kept", there.expires)
        try:
            renewed = await self._client.renew_subscription(row.subscription_id, _now() + LENGTH)
        except NotFound:  # it no longer exists, and a PATCH does not create it
            await self._store_end(row)
            return None
        return await self._store_expiry(row, "renewed", renewed.expires, renewed_at=_now())

    async def _store_expiry(self, row: Row[Any], action: str, expires: datetime, **values: Any) -> Ensured:
        async with self._database.begin() as db:
            await model.update_row(db, row.id, expires_at=expires, last_error=None, **values)
        return Ensured(self._tenant_id, action, row.subscription_id, expires)

    async def _create_new(self, at_graph: AtGraph) -> Ensured:
        made = await self._create(at_graph)
        return Ensured(self._tenant_id, "created", made.id, made.expires)

    async def _try_to_delete(self, subscription: Subscription) -> None:
        """A failure to delete another subscription must not prevent the renewal of ours."""
        try:
            await self._create.replace(subscription.id)
        except GraphError as error:
            _log.warning(
                "subscription_not_deleted",
                tenant_id=self._tenant_id,
                subscription_id=subscription.id,
                error=str(error),
            )

    async def _store_end(self, row: Row[Any]) -> None:
        async with self._database.begin() as db:
            await model.update_row(db, row.id, ended_at=_now())

    def _has_our_urls(self, row: Row[Any]) -> bool:
        # The lifecycle address cannot be changed by PATCH, so another address means another subscription.
        return bool(row.notification_url == self._urls.notification and row.lifecycle_url == self._urls.lifecycle)

    def _failed(self, problem: str) -> Ensured:
        return Ensured(self._tenant_id, "failed", problem=problem)


_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


def _now() -> datetime:
    return datetime.now(UTC)
