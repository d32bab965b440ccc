"""One live subscription per tenant, whatever is found: none, ours, ours about to end, gone, or a stranger's.

Safe from any number of replicas (a lease row lets one through at a time) and as often as anybody likes.
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
from app.inbox import tenant_state
from app.observability import log
from app.observability.tracing import OFF, Tracing, failed, spans
from app.subscriptions import lifecycle, model, remedy
from app.subscriptions.at_graph import AtGraph
from app.subscriptions.create import Create
from app.subscriptions.graph import LENGTH, Client, Urls

# Renewed about once a day, so that renewal may fail for two days before anything is lost.
RENEW_BELOW = timedelta(hours=48)
LIST_EVERY = 86_400.0  # seconds; a list also shows a second subscription at our address, which only costs us requests

_log = log.get(__name__)


@dataclass(frozen=True, slots=True)
class Ensured:
    """How one tenant stands: good if ``problem`` is None, otherwise what is wrong and what to do."""

    tenant_id: str
    action: str  # kept, renewed, created, elsewhere (another replica did it), failed
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
        tenant_id: str,
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
        """Bring the tenant to one live subscription; never raises what Graph or its login said."""
        for _ in range(60):
            async with lease.hold(self._database, f"ensure:{self._tenant_id}", self._holder) as ours:
                if ours:
                    return await self._traced()
            async with self._database.reading() as db:
                if row := await model.live(db, self._tenant_id):
                    return Ensured(self._tenant_id, "elsewhere", row.subscription_id, row.expires_at)
            await asyncio.sleep(0.5)
        return self._failed("another replica has been at it for 30 seconds without a result; see its log")

    async def _traced(self) -> Ensured:
        with self._tracing.span(spans.ENSURE, {spans.TENANT: self._tenant_id}, root=True) as span:
            ensured = await self._told()
            span.set_attribute(spans.ACTION, ensured.action)
            if ensured.subscription_id:
                span.set_attribute(spans.SUBSCRIPTION, ensured.subscription_id)
            if not ensured.good:
                failed(span, "problem")
        return ensured

    async def _told(self) -> Ensured:
        try:
            ensured = await self._ensure()
        except GraphError as error:
            problem = remedy.explain(error, self._urls.notification, self._consent_url)
            _log.error(
                "subscription_failed",
                tenant_id=self._tenant_id,
                error=type(error).__name__,
                status=error.status,
                request_id=error.request_id,
                problem=problem,
            )
            await self._note(problem)
            return self._failed(problem)
        _log.info(
            "subscription_ensured",
            tenant_id=self._tenant_id,
            action=ensured.action,
            subscription_id=ensured.subscription_id,
            expires_at=ensured.expires_at and ensured.expires_at.isoformat(),
        )
        return ensured

    async def _note(self, problem: str) -> None:
        """For /readyz and /api/status; with a row that never became a subscription where there is none at all."""
        async with self._database.begin() as db:
            if not await model.tell(db, self._tenant_id, problem):
                ours, _ = await self._create.begin(db)
                await model.mark(db, ours, ended_at=_now() - model.STILL_HEARD, last_error=problem)

    async def _ensure(self) -> Ensured:
        async with self._database.begin() as db:
            await tenant_state.ensure_rows(db, [self._tenant_id])
            await model.forget(db, self._tenant_id)
            known = await model.living(db, self._tenant_id)
            events = await model.noted(db, self._tenant_id)
        at_graph = AtGraph(self._client)
        there = await self._look(known, at_graph)
        ours = await self._sort(known, there)
        ensured = await self._keep(ours, there, events) if ours else None
        ensured = ensured or await self._created(at_graph)
        await lifecycle.settle(self._database, self._tenant_id, events)
        return ensured

    async def _look(self, known: Sequence[Row[Any]], at_graph: AtGraph) -> list[Subscription]:
        """What Graph has: only ours where that is all there should be, everything at first and once a day.

        Graph lets an application list 40 times in 20 seconds over all its tenants, and get single ones far more often.
        """
        only = known[0] if len(known) == 1 else None
        if only and only.subscription_id and self._has_our_urls(only) and self._clock() - self._listed < LIST_EVERY:
            return await at_graph.only(only.subscription_id)
        found = await at_graph.all()
        self._listed = self._clock()
        return found

    async def _sort(self, known: Sequence[Row[Any]], at_graph: list[Subscription]) -> Row[Any] | None:
        """The one subscription to keep; what else stands at our address is deleted, what is useless is ended."""
        usable = [row for row in known if row.subscription_id and self._has_our_urls(row)]
        there = {s.id: s.expires for s in at_graph}
        usable.sort(key=lambda row: (there.get(row.subscription_id, _LONG_AGO), row.created_at))
        keep = usable.pop() if usable else None
        ended = [row for row in known if keep is None or row.id != keep.id]
        for row in ended:
            await self._end(row)
        doomed = {row.subscription_id for row in ended}
        for subscription in at_graph:
            # Of one at our address that is not in our table the client state is lost: what it sends is not believed.
            ours = subscription.id in doomed or subscription.notification_url == self._urls.notification
            if ours and (keep is None or subscription.id != keep.subscription_id):
                await self._try_to_delete(subscription)
        return keep

    async def _keep(self, row: Row[Any], at_graph: list[Subscription], events: Sequence[Row[Any]]) -> Ensured | None:
        """Renew it if need be; None when Graph does not have it any more."""
        there = next((s for s in at_graph if s.id == row.subscription_id), None)
        if there and there.expires - _now() > RENEW_BELOW and not lifecycle.asks_for_renewal(events, row):
            return await self._stands(row, "kept", there.expires)
        try:
            renewed = await self._client.renew_subscription(row.subscription_id, _now() + LENGTH)
        except NotFound:  # gone for good; PATCH will not bring it back
            await self._end(row)
            return None
        return await self._stands(row, "renewed", renewed.expires, renewed_at=_now())

    async def _stands(self, row: Row[Any], action: str, expires: datetime, **values: Any) -> Ensured:
        async with self._database.begin() as db:
            await model.mark(db, row.id, expires_at=expires, last_error=None, **values)
        return Ensured(self._tenant_id, action, row.subscription_id, expires)

    async def _created(self, at_graph: AtGraph) -> Ensured:
        made = await self._create(at_graph)
        return Ensured(self._tenant_id, "created", made.id, made.expires)

    async def _try_to_delete(self, subscription: Subscription) -> None:
        """One that is merely useless must not keep us from renewing the one that counts."""
        try:
            await self._create.replace(subscription.id)
        except GraphError as error:
            _log.warning(
                "subscription_not_deleted",
                tenant_id=self._tenant_id,
                subscription_id=subscription.id,
                error=str(error),
            )

    async def _end(self, row: Row[Any]) -> None:
        async with self._database.begin() as db:
            await model.mark(db, row.id, ended_at=_now())

    def _has_our_urls(self, row: Row[Any]) -> bool:
        # The lifecycle address cannot be changed by PATCH, so another address means another subscription.
        return bool(row.notification_url == self._urls.notification and row.lifecycle_url == self._urls.lifecycle)

    def _failed(self, problem: str) -> Ensured:
        return Ensured(self._tenant_id, "failed", problem=problem)


_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


def _now() -> datetime:
    return datetime.now(UTC)
