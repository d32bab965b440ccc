"""Which client states Graph may send, kept in memory: by tenant, only their hashes.

A secret of ours that comes back with each notification is what proves that Graph sent it.
https://learn.microsoft.com/graph/change-notifications-delivery-webhooks
"""

from collections.abc import Iterable
from hmac import compare_digest
from time import monotonic

from app.db import Database
from app.subscriptions import model

AGAIN = 1.0  # seconds between two looks for a state that is not known
STALE = 60.0  # seconds after which ended subscriptions are forgotten here too


class ClientStates:
    """Read again when an unknown one arrives, because another process may just have subscribed."""

    def __init__(self, database: Database, tenant_ids: Iterable[str]) -> None:
        self._database = database
        self._tenants = frozenset(tenant_ids)
        self._states: dict[str, list[bytes]] = {}
        self._read_at = -STALE

    async def wrong(self, tenant_id: str | None, client_state: str | None) -> str | None:
        """Why the item is not believed (``tenant``, ``client_state``), None if it is."""
        if tenant_id not in self._tenants:
            return "tenant"
        if not client_state:
            return "client_state"
        digest = bytes.fromhex(model.hashed(client_state))
        await self._refresh(STALE)
        if not self._has(tenant_id, digest):
            await self._refresh(AGAIN)
        return None if self._has(tenant_id, digest) else "client_state"

    async def tenant_of(self, client_state: str | None) -> str | None:
        """Whose client state that is."""
        digest = bytes.fromhex(model.hashed(client_state or ""))
        await self._refresh(AGAIN)
        return next((tenant_id for tenant_id in self._states if self._has(tenant_id, digest)), None)

    def _has(self, tenant_id: str, digest: bytes) -> bool:
        return any([compare_digest(digest, known) for known in self._states.get(tenant_id, ())])  # noqa: C419

    async def _refresh(self, older_than: float) -> None:
        if monotonic() - self._read_at < older_than:
            return
        async with self._database.reading() as db:
            self._states = await model.client_states(db)
        self._read_at = monotonic()
