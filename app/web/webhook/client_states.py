"""Which client states Graph may send, kept in memory: by tenant, only their hashes.

A secret of ours that comes back with each notification is what proves that Graph sent it.
https://learn.microsoft.com/graph/change-notifications-delivery-webhooks
"""

import asyncio
from collections.abc import Iterable
from hmac import compare_digest
from time import monotonic

from app.db import Database
from app.subscriptions import model

AGAIN = 0.2  # seconds between two readings, however many forgeries arrive
STALE = 60.0  # seconds after which ended subscriptions are forgotten here too


class ClientStates:
    """An unknown one is judged by a reading that began after it arrived: another process may just have subscribed,
    and what is answered with 202 does not come again.
    """

    def __init__(self, database: Database, tenant_ids: Iterable[str]) -> None:
        self._database = database
        self._tenants = frozenset(tenant_ids)
        self._states: dict[str, list[bytes]] = {}
        self._read_at = float("-inf")
        self._reading = asyncio.Lock()

    async def wrong(self, tenant_id: str | None, client_state: str | None, arrived: float) -> str | None:
        """Why an item that arrived then (`monotonic`) is not believed (``tenant``, ``client_state``); None if it is."""
        if tenant_id not in self._tenants:
            return "tenant"
        if not client_state:
            return "client_state"
        digest = bytes.fromhex(model.hashed(client_state))
        await self._read_since(arrived - STALE)
        if not self._has(tenant_id, digest):
            await self._read_since(arrived)
        return None if self._has(tenant_id, digest) else "client_state"

    async def tenant_of(self, client_state: str | None, arrived: float) -> str | None:
        """Whose client state that is."""
        if not client_state:
            return None
        digest = bytes.fromhex(model.hashed(client_state))
        await self._read_since(arrived - STALE)
        if (owner := self._owner(digest)) is None:
            await self._read_since(arrived)
            owner = self._owner(digest)
        return owner

    def _owner(self, digest: bytes) -> str | None:
        return next((tenant_id for tenant_id in self._states if self._has(tenant_id, digest)), None)

    def _has(self, tenant_id: str, digest: bytes) -> bool:
        return any([compare_digest(digest, known) for known in self._states.get(tenant_id, ())])  # noqa: C419

    async def _read_since(self, moment: float) -> None:
        """Return when the states are those of that moment or later; who waits together reads together."""
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
