"""The audit: a row for each read, durable before the answer leaves, and the pages in which an admin reads it."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from time import monotonic
from typing import Any, NamedTuple, Self

import orjson
from sqlalchemy import ColumnElement, RowMapping, insert, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.access import keys
from app.access.caller import Scope
from app.access.tables import audit
from app.db import Database
from app.db.group_commit import Group

PATIENCE = 5.0  # seconds; a read that cannot be recorded is not answered

c = audit.c


class Entry(NamedTuple):
    """One read, as its row: no value that came with the request but a call's id."""

    at: datetime
    who: str
    scope: Scope | None
    tenants: tuple[str, ...] | None
    method: str
    route: str
    call_id: str | None
    parameters: tuple[str, ...]
    status: int
    answered: int | None
    person: bytes | None = None
    """Of whom it was: see audit_person."""


class Audit:
    """``async with Audit(database) as audit: await audit.add(entry)`` returns once the entry is durable.

    In a group commit, like the webhook's: one disk flush for all concurrent requests. ``patience`` is in seconds.
    """

    def __init__(self, database: Database, *, patience: float = PATIENCE) -> None:
        self._database = database
        self._patience = patience
        self._group: Group[Entry] = Group(self._commit)
        self._used: dict[str, float] = {}

    async def __aenter__(self) -> Self:
        await self._group.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._group.__aexit__(None, None, None)

    async def add(self, entry: Entry) -> None:
        """Raises TimeoutError or the database's error where it could not be written in time."""
        async with asyncio.timeout(self._patience):
            await self._group.add(entry)

    async def add_stream(self, entry: Entry) -> int:
        """Add the entry of an answer whose records are counted while they leave; its id, for ``set_answered``."""
        async with asyncio.timeout(self._patience), self._database.begin() as db:
            return int((await db.execute(insert(audit).values(_row(entry)).returning(c.id))).scalar_one())

    async def set_answered(self, entry_id: int, answered: int) -> None:
        """How many records have left so far; raises as ``add`` does."""
        async with asyncio.timeout(self._patience), self._database.begin() as db:
            await db.execute(update(audit).where(c.id == entry_id).values(answered=answered))

    async def _commit(self, batch: Sequence[Entry]) -> None:
        async with self._database.begin() as db:
            await write(db, batch)
            if fresh := self._not_noted({entry.who for entry in batch}):
                await keys.mark_used(db, fresh, max(entry.at for entry in batch))
        self._used |= dict.fromkeys(fresh, monotonic())

    def _not_noted(self, names: set[str]) -> list[str]:
        """Those whose use this process has not written in the last minute."""
        before = monotonic() - keys.LAST_USED_PRECISION / timedelta(seconds=1)
        return sorted(name for name in names if self._used.get(name, float("-inf")) <= before)


async def write(db: AsyncConnection, entries: Sequence[Entry]) -> None:
    await db.execute(insert(audit), [_row(entry) for entry in entries])


async def read(
    db: AsyncConnection,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    who: str | None = None,
    call_id: str | None = None,
    about: ColumnElement[bool] | None = None,
    after: tuple[datetime, int] | None = None,
    limit: int = 50,
) -> list[dict[str, Any]]:
    """Entries, newest first, from behind the key ``after`` (moment, id); ``about``: a condition on the table."""
    wanted = select(audit).order_by(c.at.desc(), c.id.desc()).limit(limit)
    if since is not None:
        wanted = wanted.where(c.at >= since)
    if until is not None:
        wanted = wanted.where(c.at < until)
    if who is not None:
        wanted = wanted.where(c.who == who)
    if call_id is not None:
        wanted = wanted.where(c.call_id == call_id)
    if about is not None:
        wanted = wanted.where(about)
    if after is not None:
        wanted = wanted.where(tuple_(c.at, c.id) < after)
    return [_entry(row) for row in (await db.execute(wanted)).mappings()]


def _row(entry: Entry) -> dict[str, Any]:
    lists = {name: _json(getattr(entry, name)) for name in ("tenants", "parameters")}
    return entry._asdict() | lists


def _json(names: tuple[str, ...] | None) -> str | None:
    return None if names is None else orjson.dumps(names).decode()


def _entry(row: RowMapping) -> dict[str, Any]:
    return dict(row) | {name: row[name] and orjson.loads(row[name]) for name in ("tenants", "parameters")}
