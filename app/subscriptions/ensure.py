"""One live subscription per tenant, whatever is found: none, ours, ours about to end, gone, or a stranger's.

Safe from any number of replicas (a lease row lets one through at a time) and as often as anybody likes.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from app import lease, log, tenants
from app.db import Database
from app.graph.client import Subscription
from app.graph.errors import Conflict, GraphError, NotFound, Refused
from app.inbox.queue import WINDOW
from app.subscriptions import lifecycle, model, remedy

# Graph allows 4230 minutes for call records; half an hour is left for clocks that disagree.
# https://learn.microsoft.com/graph/api/resources/subscription
LENGTH = timedelta(minutes=4200)
# Renewed about once a day, so that renewal may fail for two days before anything is lost.
RENEW_BELOW = timedelta(hours=48)
RESOURCE = "communications/callrecords"

_log = log.get(__name__)


class Client(Protocol):
    """The part of `app.graph.client.GraphClient` that is needed here."""

    async def subscriptions(self) -> list[Subscription]: ...
    async def create_subscription(
        self, *, notification_url: str, lifecycle_url: str, client_state: str, expires: datetime
    ) -> Subscription: ...
    async def renew_subscription(self, subscription_id: str, expires: datetime) -> Subscription: ...
    async def delete_subscription(self, subscription_id: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Urls:
    """Where Graph finds our two doors."""

    notification: str
    lifecycle: str

    @classmethod
    def under(cls, public_url: str) -> "Urls":
        return cls(f"{public_url}/graph/notifications", f"{public_url}/graph/lifecycle")


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
        self, database: Database, client: Client, tenant_id: str, urls: Urls, *, holder: str, consent_url: str
    ) -> None:
        self._database = database
        self._client = client
        self._tenant_id = tenant_id
        self._urls = urls
        self._holder = holder
        self._consent_url = consent_url

    async def __call__(self) -> Ensured:
        """Bring the tenant to one live subscription; never raises what Graph or its login said."""
        for _ in range(60):
            async with lease.hold(self._database, f"ensure:{self._tenant_id}", self._holder) as ours:
                if ours:
                    return await self._told()
            async with self._database.reading() as db:
                if row := await model.live(db, self._tenant_id):
                    return Ensured(self._tenant_id, "elsewhere", row.subscription_id, row.expires_at)
            await asyncio.sleep(0.5)
        return self._failed("another replica has been at it for 30 seconds without a result; see its log")

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
            f"subscription_{ensured.action}",
            tenant_id=self._tenant_id,
            subscription_id=ensured.subscription_id,
            expires_at=ensured.expires_at and ensured.expires_at.isoformat(),
        )
        return ensured

    async def _note(self, problem: str) -> None:
        """For /readyz and /api/status; with a row that never became a subscription where there is none at all."""
        async with self._database.begin() as db:
            if not await model.tell(db, self._tenant_id, problem):
                ours, _ = await self._begin(db)
                await model.mark(db, ours, ended_at=_now() - model.STILL_HEARD, last_error=problem)

    async def _ensure(self) -> Ensured:
        async with self._database.begin() as db:
            await tenants.know(db, [self._tenant_id])
            await model.forget(db, self._tenant_id)
            known = await model.living(db, self._tenant_id)
            events = await model.noted(db, self._tenant_id)
        at_graph = [s for s in await self._client.subscriptions() if _is_ours_to_see(s)]
        ours = await self._sort(known, at_graph)
        ensured = await self._keep(ours, at_graph, events) if ours else None
        ensured = ensured or await self._create()
        await lifecycle.settle(self._database, self._tenant_id, events)
        return ensured

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

    async def _create(self) -> Ensured:
        try:
            return await self._create_once()
        except Conflict as conflict:
            await self._clear_the_way(conflict)
            return await self._create_once()

    async def _create_once(self) -> Ensured:
        async with self._database.begin() as db:
            ours, client_state = await self._begin(db)
        try:
            made = await self._client.create_subscription(
                notification_url=self._urls.notification,
                lifecycle_url=self._urls.lifecycle,
                client_state=client_state,
                expires=_now() + LENGTH,
            )
        except GraphError as error:
            # Unless Graph refused, it may have made it all the same: its notifications are still believed.
            refused = isinstance(error, (Refused, Conflict))
            ended_at = _now() - model.STILL_HEARD if refused else _now()
            async with self._database.begin() as db:
                await model.mark(db, ours, ended_at=ended_at)
            raise
        return await self._begun(ours, made)

    async def _begin(self, db: AsyncConnection) -> tuple[str, str]:
        return await model.begin(db, self._tenant_id, self._urls.notification, self._urls.lifecycle, _now())

    async def _begun(self, ours: str, made: Subscription) -> Ensured:
        async with self._database.begin() as db:
            await model.mark(db, ours, subscription_id=made.id, expires_at=made.expires)
            tenant = await tenants.find(db, self._tenant_id)
            # Nobody told us of calls while there was no subscription.
            await tenants.gap(db, self._tenant_id, tenant.reconciled_at or _now() - WINDOW)
        return Ensured(self._tenant_id, "created", made.id, made.expires)

    async def _clear_the_way(self, conflict: Conflict) -> None:
        """Graph holds one subscription per resource: one whose client state we do not know must go, and no other."""
        if conflict.subscription_id:
            await self._delete(conflict.subscription_id)
            return
        for subscription in await self._client.subscriptions():
            if _is_ours_to_see(subscription) and "updated" in subscription.change_type:
                await self._delete(subscription.id)

    async def _delete(self, subscription_id: str) -> None:
        _log.warning("subscription_replaced", tenant_id=self._tenant_id, subscription_id=subscription_id)
        await self._client.delete_subscription(subscription_id)

    async def _try_to_delete(self, subscription: Subscription) -> None:
        """One that is merely useless must not keep us from renewing the one that counts."""
        try:
            await self._delete(subscription.id)
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


def _is_ours_to_see(subscription: Subscription) -> bool:
    return subscription.resource.strip("/").lower() == RESOURCE


def _now() -> datetime:
    return datetime.now(UTC)
