"""The resource accounts that calls are judged with now: read from the database, and again only after a change."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import Dialect, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.archive.outcomes.evidence import LogEvidence
from app.archive.outcomes.facts import APP_KINDS, NO_APPS, App, Apps
from app.archive.outcomes.stored import with_outcome
from app.archive.parse.record import ParsedRecord
from app.archive.schema.outcome_tables import voice_apps
from app.db import direct
from app.db.direct import Selecting, Steps
from app.ids import TenantId

MANY = 500  # sessions of a record that would block the event loop

a = voice_apps.c
# Learned accounts are only added, and a file gives its accounts the next revision: this grows with each change.
_newest_change = select(func.coalesce(func.max(a.revision), 0) * 1_000_000 + func.count())


class Known(NamedTuple):
    revision: int
    apps: Mapping[TenantId, Apps]

    async def judged(self, record: ParsedRecord, rows: Sequence[LogEvidence] = ()) -> ParsedRecord:
        """The record with its outcome; a large one in a thread."""
        apps = self.apps.get(record.tenant_id, NO_APPS)
        if record.row["session_count"] > MANY:
            return await asyncio.to_thread(with_outcome, record, apps, rows)
        return with_outcome(record, apps, rows)


class CurrentApps:
    """``await current.read(db)`` in the transaction that saves: one statement where nothing changed since."""

    def __init__(self) -> None:
        self.known = Known(-1, {})
        """As they were last read."""

    async def read(self, db: AsyncConnection) -> Known:
        revision = int(await db.scalar(_newest_change) or 0)
        if revision != self.known.revision:
            self.known = Known(revision, await _read(db))
        return self.known


def counting(dialect: Dialect) -> Steps[int]:
    """The revision, as a step of the transaction that saves."""
    statement = direct.compiled(_newest_change, dialect)
    [(found,)] = yield Selecting(statement, direct.bound(statement, {}))
    return int(found)


async def _read(db: AsyncConnection) -> dict[TenantId, dict[str, App]]:
    found: dict[TenantId, dict[str, App]] = {}
    wanted = select(a.tenant_id, a.object_id, a.kind, a.name).where(a.kind.in_(APP_KINDS))
    for tenant_id, object_id, kind, name in await db.execute(wanted):
        found.setdefault(TenantId(tenant_id), {})[object_id] = App(kind, name)
    return found
