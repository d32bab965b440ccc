"""The client states that Graph may send, in memory: for each tenant, only their hashes.

A client state is a secret of ours that comes back with each notification and proves that Graph sent it.
https://learn.microsoft.com/graph/change-notifications-delivery-webhooks
"""

import asyncio
from collections.abc import Iterable
from hmac import compare_digest
from time import monotonic

from sqlalchemy.exc import SQLAlchemyError

from app.db import Dedicated
from app.ids import TenantId
from app.subscriptions import model

AGAIN = 0.2  # seconds between two reads of the database, however many forgeries arrive
REFRESH = 10.0  # seconds that a read in the background may take
STALE = 60.0  # seconds after which the states are read again, so that those of ended subscriptions are removed


class ClientStates:
    """`knows` reads only the memory. An unknown client state is judged by a read that began after it arrived: another
    process may just have subscribed, and an item that is answered with 202 does not come again.

    Known states are accepted while they are read again, so that slow readers of the database delay no notification.
    """

    def __init__(self, database: Dedicated, tenant_ids: Iterable[TenantId]) -> None:
        self._database = database
        self._tenants = frozenset(tenant_ids)
        self._states: dict[TenantId, list[bytes]] = {}
        self._read_at = float("-inf")
        self._reading = asyncio.Lock()
        self._refresh: asyncio.Task[None] | None = None

    def is_ours(self, tenant_id: TenantId | None) -> bool:
        return tenant_id in self._tenants

    def knows(self, tenant_id: TenantId, client_state: str) -> bool:
        """Whether a live subscription of the tenant has this client state, according to the memory."""
        return self._has(tenant_id, bytes.fromhex(model.hashed(client_state)))

    def owner(self, client_state: str) -> TenantId | None:
        """The tenant whose subscription has this client state."""
        digest = bytes.fromhex(model.hashed(client_state))
        return next((tenant_id for tenant_id in self._states if self._has(tenant_id, digest)), None)

    def refresh_if_stale(self) -> None:
        """Begin to read the states again in the background, if the last read is more than STALE seconds ago."""
        idle = self._refresh is None or self._refresh.done()
        if idle and monotonic() - self._read_at > STALE:
            self._refresh = asyncio.create_task(self._try_to_refresh(), name="client states")

    async def read_since(self, moment: float) -> None:
        """Return when the states are those of that moment (`monotonic`) or later; concurrent callers share a read."""
        if self._read_at >= moment:
            return
        async with self._reading:
            if self._read_at >= moment:
                return
            await asyncio.sleep(self._read_at + AGAIN - monotonic())
            begun = monotonic()
            async with self._database.reading() as db:
                self._states = await model.client_states(db)
            self._read_at = begun

    async def warm(self) -> None:
        """Read the states, so that the first notification does not wait for that. An error is left to it."""
        await self._try_to_refresh()

    async def close(self) -> None:
        if self._refresh:
            self._refresh.cancel()
            await asyncio.wait([self._refresh])

    def _has(self, tenant_id: TenantId, digest: bytes) -> bool:
        return any([compare_digest(digest, known) for known in self._states.get(tenant_id, ())])  # noqa: C419

    async def _try_to_refresh(self) -> None:
        try:
            async with asyncio.timeout(REFRESH):
                await self.read_since(monotonic() - STALE)
        except (SQLAlchemyError, OSError, TimeoutError):
            return  # the next batch tries again
