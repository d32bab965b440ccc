"""Writes events in the transaction of what they report, one row for each webhook that receives it."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import Any
from uuid import uuid4

import orjson
from sqlalchemy import Dialect, Insert, Select, String, Text, bindparam, insert, literal_column, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.types import TypeEngine

from app.db import JsonRows, UtcDateTime, direct, now
from app.db.direct import Changing, Selecting, Steps
from app.outbox import listeners
from app.outbox.event import Event
from app.outbox.listeners import Listener, Listeners
from app.outbox.tables import PENDING, deliveries


async def write(db: AsyncConnection, events: Iterable[Event], at: datetime) -> int:
    """Write events that are rare: the webhooks are read first. Returns the number of rows."""
    known = await listeners.read(db)
    return await direct.run(db, adding(db.dialect, known, list(events), at)) if known.all else 0


async def write_to(db: AsyncConnection, webhook_id: str, event: Event, at: datetime) -> None:
    """Write an event to one webhook alone."""
    only = Listeners(0, (Listener(webhook_id, frozenset({event.kind}), None),))
    await direct.run(db, adding(db.dialect, only, [event], at))


def adding(dialect: Dialect, known: Listeners, events: Sequence[Event], at: datetime) -> Steps[int]:
    """The same as `write`, as steps of a transaction that knows the webhooks."""
    moment = JsonRows.moment(at, dialect.name)
    rows = []
    for event in events:
        if found := [each for each in known.to(event.kind) if each.wants(event)]:
            rest = _values(event, moment)
            rows += [[each.webhook_id, *rest] for each in found]
    if rows:
        statement = direct.compiled(_inserting(dialect.name), dialect)
        yield Changing(statement, direct.bound(statement, {"rows": orjson.dumps(rows).decode()}))
    return len(rows)


def reported(dialect: Dialect, known: Listeners, kind: str, subject: str) -> Steps[bool]:
    """Whether an event of this type is stored for the subject already, for every webhook that receives it."""
    statement = direct.compiled(_of_subject(), dialect)
    for listener in known.to(kind):
        values = {"of_webhook": listener.webhook_id, "of_subject": subject, "of_kind": kind}
        if not (yield Selecting(statement, direct.bound(statement, values))):
            return False
    return True


def _values(event: Event, moment: str) -> list[str | None]:
    """The columns of `_GIVEN` after the webhook's id."""
    event_id = f"msg_{uuid4().hex}"  # without dots, because the signature joins by them
    data = orjson.dumps(event.data, option=orjson.OPT_UTC_Z).decode()
    return [event_id, event.kind, event.subject, event.tenant_id, data, moment]


_GIVEN: tuple[tuple[str, TypeEngine[Any]], ...] = (
    ("webhook_id", String()),
    ("event_id", String()),
    ("kind", String()),
    ("subject", Text()),
    ("tenant_id", Text()),
    ("data", Text()),
    ("created_at", UtcDateTime()),
)


@cache
def _inserting(dialect: str) -> Insert:
    given = JsonRows(dialect)
    columns = {name: given.column(place, kind) for place, (name, kind) in enumerate(_GIVEN)}
    new = {
        "begun_at": now(),
        "state": literal_column(f"'{PENDING}'"),
        "attempts": literal_column("0"),
        "due_at": now(),
    }
    return insert(deliveries).from_select([*columns, *new], select(*columns.values(), *new.values()))


@cache
def _of_subject() -> Select[int]:
    c = deliveries.c
    mine = (c.webhook_id == bindparam("of_webhook"), c.subject == bindparam("of_subject"))
    return select(c.id).where(*mine, c.kind == bindparam("of_kind")).limit(1)
