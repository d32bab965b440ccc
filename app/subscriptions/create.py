"""Making a subscription: what Graph must hear and what must be stored before, and a stranger in the way."""

from datetime import UTC, datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from app.db import Database
from app.graph.client import Subscription
from app.graph.errors import Conflict, GraphError, Refused
from app.inbox import tenant_state
from app.inbox.queue import WINDOW
from app.observability import log
from app.subscriptions import model
from app.subscriptions.at_graph import AtGraph
from app.subscriptions.graph import LENGTH, Client, Urls

_log = log.get(__name__)


class Create:
    """Makes one for a tenant; the routes at ``urls`` must answer meanwhile, because Graph calls them."""

    def __init__(self, database: Database, client: Client, tenant_id: str, urls: Urls) -> None:
        self._database = database
        self._client = client
        self._tenant_id = tenant_id
        self._urls = urls

    async def __call__(self, at_graph: AtGraph) -> Subscription:
        """The subscription as Graph made it; raises GraphError."""
        try:
            return await self._once()
        except Conflict as conflict:
            await self._clear_the_way(conflict, at_graph)
            return await self._once()

    async def begin(self, db: AsyncConnection) -> tuple[str, str]:
        """A row for one that Graph has not heard of yet: (row id, client state)."""
        return await model.begin(db, self._tenant_id, self._urls.notification, self._urls.lifecycle, _now())

    async def _once(self) -> Subscription:
        async with self._database.begin() as db:
            ours, client_state = await self.begin(db)
        try:
            made = await self._client.create_subscription(
                notification_url=self._urls.notification,
                lifecycle_url=self._urls.lifecycle,
                client_state=client_state,
                expires=_now() + LENGTH,
            )
        except GraphError as error:
            await self._end(ours, error)
            raise
        await self._made(ours, made)
        return made

    async def _end(self, ours: str, error: GraphError) -> None:
        """Unless Graph refused, it may have made it all the same: its notifications are still believed."""
        refused = isinstance(error, (Refused, Conflict))
        async with self._database.begin() as db:
            await model.mark(db, ours, ended_at=_now() - model.STILL_HEARD if refused else _now())

    async def _made(self, ours: str, made: Subscription) -> None:
        async with self._database.begin() as db:
            await model.mark(db, ours, subscription_id=made.id, expires_at=made.expires)
            tenant = await tenant_state.find(db, self._tenant_id)
            # Nobody told us of calls while there was no subscription.
            await tenant_state.gap(db, self._tenant_id, tenant.reconciled_at or _now() - WINDOW)

    async def _clear_the_way(self, conflict: Conflict, at_graph: AtGraph) -> None:
        """Graph holds one subscription per resource: one whose client state we do not know must go, and no other."""
        if conflict.subscription_id:
            await self.replace(conflict.subscription_id)
            return
        for subscription in await at_graph.all():
            if "updated" in subscription.change_type:
                await self.replace(subscription.id)

    async def replace(self, subscription_id: str) -> None:
        """Delete one at Graph that ours takes the place of."""
        _log.warning("subscription_replaced", tenant_id=self._tenant_id, subscription_id=subscription_id)
        await self._client.delete_subscription(subscription_id)


def _now() -> datetime:
    return datetime.now(UTC)
