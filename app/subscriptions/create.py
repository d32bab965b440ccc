"""Creates a subscription: stores its client state before the request, and deletes a conflicting subscription."""

from datetime import UTC, datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from app.db import Database
from app.graph.client import Subscription
from app.graph.errors import Conflict, GraphError, Refused
from app.ids import TenantId
from app.inbox import tenant_state
from app.inbox.queue import WINDOW
from app.observability import log
from app.subscriptions import model
from app.subscriptions.at_graph import AtGraph
from app.subscriptions.graph import LENGTH, Client, Urls

_log = log.get(__name__)


class Create:
    """Creates one for a tenant; the routes at ``urls`` must answer meanwhile, because Graph calls them."""

    def __init__(self, database: Database, client: Client, tenant_id: TenantId, urls: Urls) -> None:
        self._database = database
        self._client = client
        self._tenant_id = tenant_id
        self._urls = urls

    async def __call__(self, at_graph: AtGraph) -> Subscription:
        """The subscription as Graph made it; raises GraphError."""
        try:
            return await self._once()
        except Conflict as conflict:
            await self._delete_conflicting(conflict, at_graph)
            return await self._once()

    async def insert_row(self, db: AsyncConnection) -> tuple[str, str]:
        """Store a row for a subscription that is not yet requested: (row id, client state)."""
        return await model.insert(db, self._tenant_id, self._urls.notification, self._urls.lifecycle, _now())

    async def _once(self) -> Subscription:
        async with self._database.begin() as db:
            ours, client_state = await self.insert_row(db)
        try:
            made = await self._client.create_subscription(
                notification_url=self._urls.notification,
                lifecycle_url=self._urls.lifecycle,
                client_state=client_state,
                expires=_now() + LENGTH,
            )
        except GraphError as error:
            await self._store_end(ours, error)
            raise
        await self._store_created(ours, made)
        return made

    async def _store_end(self, ours: str, error: GraphError) -> None:
        """Unless Graph refused, it may have created the subscription: its notifications are accepted for a day."""
        refused = isinstance(error, (Refused, Conflict))
        async with self._database.begin() as db:
            await model.update_row(db, ours, ended_at=_now() - model.ACCEPTED_AFTER_END if refused else _now())

    async def _store_created(self, ours: str, made: Subscription) -> None:
        async with self._database.begin() as db:
            await model.update_row(db, ours, subscription_id=made.id, expires_at=made.expires)
            tenant = await tenant_state.find(db, self._tenant_id)
            # Without a subscription there were no notifications: a sweep finds the calls of that time.
            await tenant_state.open_gap(db, self._tenant_id, tenant.reconciled_at or _now() - WINDOW)

    async def _delete_conflicting(self, conflict: Conflict, at_graph: AtGraph) -> None:
        """Graph allows one subscription per resource: only the one with an unknown client state is deleted."""
        if conflict.subscription_id:
            await self.replace(conflict.subscription_id)
            return
        for subscription in await at_graph.all():
            if "updated" in subscription.change_type:
                await self.replace(subscription.id)

    async def replace(self, subscription_id: str) -> None:
        """Delete a subscription at Graph that ours replaces."""
        _log.warning("subscription_replaced", tenant_id=self._tenant_id, subscription_id=subscription_id)
        await self._client.delete_subscription(subscription_id)


def _now() -> datetime:
    return datetime.now(UTC)
