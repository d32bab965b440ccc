"""Erases one person from the archive, as `callkeeper erase` does: here, or by waiting for the process that does it."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import uuid4

from sqlalchemy.ext.asyncio import AsyncConnection

from app.archive.erasure import digests
from app.archive.erasure.digests import Known
from app.archive.erasure.requests import dry_run as trial
from app.archive.erasure.requests import in_the_audit, table
from app.archive.erasure.requests.elsewhere import NO_TABLES, Tables
from app.archive.erasure.requests.job import LEASE
from app.archive.erasure.requests.run import Progress, Run
from app.archive.erasure.requests.table import Request
from app.archive.parse.identities import identifiers
from app.db import Database, lease, lock_table

ANOTHER = 1.0  # seconds until it is asked again how far another process is


@dataclass(slots=True)
class Report:
    """What was touched: counts, no names."""

    calls: int = 0
    rows: Counter[str] = field(default_factory=Counter)
    unreadable: int = 0
    """Calls whose document cannot be read."""


async def erase(
    database: Database,
    user_id: str,
    *,
    dry_run: bool = False,
    progress: Progress = lambda *_: None,
    elsewhere: Tables = NO_TABLES,
) -> Report:
    """Take out the person with this object id, principal name or telephone number, however it is written.

    Doing it twice does no harm. Broken off, it is continued by the next call of this or by a background job.
    ``elsewhere`` are further tables by name.

    With ``dry_run`` only the report is made.
    """
    user_id = identifiers.normal(user_id)
    if dry_run:
        async with database.reading() as db:
            person = await _person(db, user_id)
        return Report(*await trial.counted(database, user_id, person, progress, elsewhere))
    request = await finished(database, await request_erasure(database, user_id), progress, elsewhere)
    return Report(request.changed_calls, request.changed_rows, request.unreadable_calls)


async def request_erasure(database: Database, user_id: str) -> int:
    """The key of the request, which a background job finishes if nothing else does."""
    user_id = identifiers.normal(user_id)
    async with database.begin() as db:
        await lock_table(db, digests.erasures)  # a second request at the same time joins this one
        now = datetime.now(UTC)
        request, is_new = await table.join_or_add(db, await _person(db, user_id), user_id, now)
        await digests.remember(db, request.person, Known([user_id], [], []), now)
        if is_new:
            await in_the_audit.requested(db, now)
    return request.key


async def finished(database: Database, key: int, progress: Progress, elsewhere: Tables = NO_TABLES) -> Request:
    """The request after all of it is done, by this process or by the one that has the lease."""
    holder = f"erase-{uuid4().hex[:12]}"
    while True:
        async with lease.hold(database, LEASE, holder) as is_ours:
            if is_ours:
                return await Run(database, key, progress=progress, elsewhere=elsewhere).finish()
        async with database.reading() as db:
            request = await table.read(db, key)
        if request.finished_at is not None:
            return request
        _show(request, progress)
        await asyncio.sleep(ANOTHER)


def _show(request: Request, progress: Progress) -> None:
    if request.documents:
        progress("searching", request.documents_done, request.documents)
    else:
        progress("rewriting", request.own_calls_done, request.own_calls)


async def _person(db: AsyncConnection, user_id: str) -> str:
    """Random; for a person who was erased by another id or address, the pseudonym of then."""
    stored = await digests.read(db)
    return stored.mentioned(user_id) or stored.person(user_id, None) or uuid4().hex
