"""Which webhooks receive which events: read from the database, and again only after a change."""

from typing import NamedTuple

import orjson
from sqlalchemy import Dialect, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db import direct
from app.db.direct import Selecting, Steps
from app.ids import TenantId
from app.outbox.event import TEST_PING, Event
from app.outbox.tables import ACTIVE, webhooks

_newest = select(func.max(webhooks.c.revision))


class Listener(NamedTuple):
    """An active webhook: its event types, and its tenants (None: all)."""

    webhook_id: str
    kinds: frozenset[str]
    tenants: frozenset[TenantId] | None

    def wants(self, event: Event) -> bool:
        of_tenant = self.tenants is None or event.tenant_id is None or event.tenant_id in self.tenants
        return event.kind in self.kinds and of_tenant


class Listeners(NamedTuple):
    """All active webhooks as of a revision."""

    revision: int
    all: tuple[Listener, ...] = ()

    def to(self, kind: str) -> list[Listener]:
        return [each for each in self.all if kind in each.kinds]


NONE = Listeners(0)


def counting(dialect: Dialect) -> Steps[int]:
    """The current revision, as a step of the transaction that writes events."""
    statement = direct.compiled(_newest, dialect)
    [(found,)] = yield Selecting(statement, direct.bound(statement, {}))
    return found or 0


async def read(db: AsyncConnection, known: Listeners = NONE) -> Listeners:
    """``known`` again, unless a webhook was changed since: then one more statement."""
    revision = await db.scalar(_newest) or 0
    if revision == known.revision:
        return known
    wanted = select(webhooks.c.id, webhooks.c.events, webhooks.c.tenants).where(webhooks.c.state == ACTIVE)
    rows = await db.execute(wanted.order_by(webhooks.c.id))
    return Listeners(revision, tuple(_listener(*row) for row in rows))


def _listener(webhook_id: str, events: str, tenants: str | None) -> Listener:
    of_tenants = None if tenants is None else frozenset(orjson.loads(tenants))
    return Listener(webhook_id, frozenset({*orjson.loads(events), TEST_PING}), of_tenants)
