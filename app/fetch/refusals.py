"""Whether Graph refuses one record or every record of a tenant (403), which is the permission's fault.

The record alone is refused where another one was stored since its first refusal. Every record is refused where Graph's
list of call records, which needs the same permission, is refused as well, or where several records in a row are.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from enum import Enum, auto
from time import monotonic
from typing import Protocol

from app.graph.errors import GraphError, Refused
from app.graph.parts import Listed
from app.ids import TenantId
from app.inbox.queue import Claim

FORBIDDEN = 403
SEVERAL = 3  # records in a row
REMEMBERED = 30.0  # seconds for which an answer of the list counts
_SPAN = timedelta(hours=1)


class Verdict(Enum):
    RECORD = auto()
    TENANT = auto()
    UNKNOWN = auto()
    """The list gave another error, so that the record is tried again."""


class ListClient(Protocol):
    """The part of `app.graph.client.GraphClient` that is needed here."""

    def call_records(self, since: datetime, until: datetime | None = None) -> AsyncGenerator[list[Listed], None]: ...


def is_forbidden(error: Exception) -> bool:
    return isinstance(error, Refused) and error.status == FORBIDDEN


class Refusals:
    """What one worker knows of each tenant: records refused since the last that was stored, and the list's answer."""

    def __init__(self, clients: Mapping[TenantId, ListClient]) -> None:
        self._clients = clients
        self._refused: defaultdict[TenantId, set[str]] = defaultdict(set)
        self._asking: defaultdict[TenantId, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._listed: dict[TenantId, tuple[float, Verdict]] = {}

    def stored(self, tenant_id: TenantId) -> None:
        """Graph gave a record of the tenant."""
        self._refused.pop(tenant_id, None)

    async def verdict(self, claim: Claim, *, stored_since: bool) -> Verdict:
        """``stored_since``: another record of the tenant was stored after Graph first refused this one."""
        if stored_since:
            return Verdict.RECORD
        refused = self._refused[claim.tenant_id]
        refused.add(claim.call_id)
        if len(refused) >= SEVERAL:
            return Verdict.TENANT
        async with self._asking[claim.tenant_id]:
            at, found = self._listed.get(claim.tenant_id, (float("-inf"), Verdict.UNKNOWN))
            if monotonic() - at > REMEMBERED or found is not Verdict.RECORD:
                found = await self._ask(claim.tenant_id)
                self._listed[claim.tenant_id] = monotonic(), found
        return Verdict.TENANT if len(refused) >= SEVERAL else found

    async def _ask(self, tenant_id: TenantId) -> Verdict:
        now = datetime.now(UTC)
        try:
            async with aclosing(self._clients[tenant_id].call_records(now - _SPAN, now)) as pages:
                await anext(pages, None)
        except Refused as error:
            return Verdict.TENANT if error.status == FORBIDDEN else Verdict.RECORD
        except GraphError:
            return Verdict.UNKNOWN
        return Verdict.RECORD
