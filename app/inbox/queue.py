"""put, claim, finish, retry, give up: the life of a row, each a statement or two. Nothing here commits."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import orjson
from sqlalchemy import (
    ColumnElement,
    Delete,
    Dialect,
    Insert,
    Integer,
    Select,
    String,
    Update,
    and_,
    bindparam,
    case,
    delete,
    func,
    literal,
    literal_column,
    not_,
    null,
    or_,
    select,
    true,
    tuple_,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db import JsonRows, UtcDateTime, direct, now, upsert
from app.db.direct import Changing, Steps
from app.ids import CallId, TenantId
from app.inbox.model import DUE, inbox
from app.inbox.refusals import refusals
from app.inbox.tenant_state import tenants

WINDOW = timedelta(days=30)  # https://learn.microsoft.com/graph/api/callrecords-callrecord-get

OF_CALL = ("call_start", "organizer_id", "organizer_name")
"""Columns that Graph's list fills."""

_KEY = (inbox.c.tenant_id, inbox.c.call_id)


@dataclass(frozen=True, slots=True)
class Notice:
    """One notification of a call. ``deadline`` is known if Graph's list gave the end of the call.

    ``traceparent`` is the span of the notification in W3C format, if there is one. A notification does not contain the
    start and the organizer of the call; Graph's list does.
    """

    tenant_id: TenantId
    call_id: CallId
    deadline: datetime | None = None
    traceparent: str | None = None
    start: datetime | None = None
    organizer_id: str | None = field(default=None, repr=False)
    organizer_name: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Claim:
    """A row that one worker may fetch until its lease expires."""

    tenant_id: TenantId
    call_id: CallId
    notices: int
    attempts: int
    first_seen_at: datetime
    deadline: datetime
    traceparent: str | None = None


async def put(db: AsyncConnection, notices: Sequence[Notice], at: datetime, *, swept: bool = False) -> None:
    """Make the calls due. Twice is once: a row that is there counts one more notice and keeps its first-seen time.

    A claimed row stays with its worker, which sees the new notice when it finishes. What a sweep found is no
    notice: a row being fetched is not fetched again for it, and one that failed or expired stays so; only the start and
    the organizer of the call are filled in where they are unknown.
    """
    dialect = db.dialect.name
    if rows := _merge(notices, at, dialect):
        traced = any(notice.traceparent for notice in notices)
        put = _put(dialect, swept=swept, traced=traced)
        await db.execute(put, {"rows": orjson.dumps(rows).decode(), "at": at})


def _merge(notices: Sequence[Notice], at: datetime, dialect: str) -> list[list[object]]:
    """One row per call, in the order of the key: two batches that share rows cannot lock each other out."""
    counts = Counter((notice.tenant_id, notice.call_id) for notice in notices)
    deadlines = {(each.tenant_id, each.call_id): each.deadline for each in notices if each.deadline is not None}
    traces = {(each.tenant_id, each.call_id): each.traceparent for each in notices if each.traceparent}
    calls = {(each.tenant_id, each.call_id): _of_call(each, dialect) for each in notices if each.start is not None}
    usual = JsonRows.moment(at + WINDOW, dialect)
    return [
        [
            *key,
            counts[key],
            JsonRows.moment(deadlines[key], dialect) if key in deadlines else usual,
            traces.get(key),
            *calls.get(key, ()),
        ]
        for key in sorted(counts)
    ]


def _of_call(notice: Notice, dialect: str) -> list[object]:
    """In the order of OF_CALL."""
    assert notice.start is not None
    return [JsonRows.moment(notice.start, dialect), notice.organizer_id, notice.organizer_name]


@cache
def _put(dialect: str, *, swept: bool, traced: bool) -> Insert:
    rows, at = JsonRows(dialect), bindparam("at", type_=UtcDateTime)
    columns = {
        "tenant_id": rows.column(0, String()),
        "call_id": rows.column(1, String()),
        "state": literal(DUE),
        "notices": rows.column(2, Integer()),
        "attempts": literal(0),
        "first_seen_at": at,
        "due_at": now(),  # not `at`: a process whose clock is ahead would hide its rows
        "deadline": rows.column(3, UtcDateTime()),
    }
    if traced:
        columns["traceparent"] = rows.column(4, String())
    if swept:
        columns |= {name: rows.column(5 + place, inbox.c[name].type) for place, name in enumerate(OF_CALL)}
    # Without a WHERE, SQLite would read ON CONFLICT as the condition of a join.
    insert = upsert(inbox, dialect).from_select(list(columns), select(*columns.values()).where(true()))
    stays = and_(inbox.c.claimed_by.is_not(None), inbox.c.due_at > now())
    if swept:
        stays = or_(stays, inbox.c.state != DUE)
    filled = [*(OF_CALL if swept else ()), *(["traceparent"] if traced else ())]
    return insert.on_conflict_do_update(
        index_elements=["tenant_id", "call_id"],
        set_={
            "notices": inbox.c.notices + (0 if swept else insert.excluded.notices),
            "state": inbox.c.state if swept else DUE,
            "attempts": case((stays, inbox.c.attempts), else_=0),
            "due_at": case((stays, inbox.c.due_at), else_=now()),
            "claimed_by": case((stays, inbox.c.claimed_by), else_=None),
            **{name: func.coalesce(insert.excluded[name], inbox.c[name]) for name in filled},
        },
        where=or_(inbox.c.state == DUE, inbox.c.call_start.is_(None)) if swept else None,
    )


async def claim(
    db: AsyncConnection, worker: str, tenant_ids: Sequence[TenantId], most: int, lease: timedelta
) -> list[Claim]:
    """Claim the due rows of these tenants for ``worker``, nearest deadline first; no two workers get the same row."""
    throttled = select(tenants.c.tenant_id).where(tenants.c.held_until > now())
    refused = select(refusals.c.tenant_id).where(refusals.c.check_at > now())
    waiting = or_(inbox.c.tenant_id.in_(throttled), inbox.c.tenant_id.in_(refused))
    ours = and_(inbox.c.tenant_id.in_(tenant_ids), not_(waiting))
    due = (
        select(*_KEY)
        .where(inbox.c.state == DUE, inbox.c.due_at <= now(), ours)
        .order_by(inbox.c.deadline)
        .limit(most)
        .with_for_update(skip_locked=True)
        .cte("due")  # a subquery PostgreSQL may run again for each row, and then claims more than ``most``
    )
    lend = (
        update(inbox)
        .where(tuple_(*_KEY).in_(select(due)))
        .values(due_at=now(lease), claimed_by=worker, attempts=inbox.c.attempts + 1)
        .returning(*(inbox.c[field.name] for field in fields(Claim)))
    )
    rows = await db.execute(lend)
    return sorted((Claim(*row) for row in rows), key=lambda claim: claim.deadline)


async def prolong(db: AsyncConnection, worker: str, claims: Iterable[Claim], lease: timedelta) -> None:
    """Prolong the leases of a worker that is alive."""
    await db.execute(update(inbox).where(_mine(worker, claims)).values(due_at=now(lease)))


async def release(db: AsyncConnection, worker: str, claims: Iterable[Claim]) -> None:
    """Release rows that were not fetched: due at once, as if never claimed."""
    back = {"due_at": now(), "claimed_by": None, "attempts": inbox.c.attempts - 1}
    await db.execute(update(inbox).where(_mine(worker, claims)).values(**back))


async def release_others(db: AsyncConnection, worker: str, claims: Sequence[Claim]) -> None:
    """Release the rows that are claimed by this worker without its knowledge: the answer to a claim was lost."""
    others = and_(inbox.c.claimed_by == worker, tuple_(*_KEY).not_in(_keys(claims)))
    lost = _locked(others).cte("lost")
    back = {"due_at": now(), "claimed_by": None, "attempts": inbox.c.attempts - 1}
    await db.execute(update(inbox).where(tuple_(*_KEY).in_(select(lost))).values(**back))


async def finish(db: AsyncConnection, worker: str, claims: Sequence[Claim]) -> None:
    """The records are stored: delete their rows, except rows notified again since the claim, which become due again.

    A row that another worker has claimed meanwhile stays with that worker.
    """
    await direct.run(db, finishing(db.dialect, worker, claims))


def finishing(dialect: Dialect, worker: str, claims: Sequence[Claim]) -> Steps[None]:
    """The same as `finish`, as steps of the transaction that saves."""
    rows = orjson.dumps(
        [
            [each.tenant_id, each.call_id, each.notices, JsonRows.moment(each.first_seen_at, dialect.name)]
            for each in claims
        ]
    ).decode()
    if dialect.name == "postgresql":
        yield Changing(direct.compiled(_locking(dialect.name), dialect), (rows,))
    values = {"worker": worker, "rows": rows}
    delete = direct.compiled(_deleting(dialect.name), dialect)
    deleted = yield Changing(delete, direct.bound(delete, values))
    if deleted < len(claims):
        again = direct.compiled(_making_due_again(dialect.name), dialect)
        yield Changing(again, direct.bound(again, values))


@cache
def _locking(dialect: str) -> Select[tuple[str, str]]:
    return _locked(tuple_(*_KEY).in_(_key_in(JsonRows(dialect))))


@cache
def _deleting(dialect: str) -> Delete:
    """The very row that was claimed: the call may have been stored by another worker since, its row gone, and a new
    one made by the notice of a newer version.
    """
    rows = JsonRows(dialect)
    claimed = tuple_(*_KEY, inbox.c.notices, inbox.c.first_seen_at)
    given = _key_in(rows).add_columns(rows.column(2, Integer()), rows.column(3, UtcDateTime()))
    return delete(inbox).where(inbox.c.claimed_by == bindparam("worker"), claimed.in_(given))


@cache
def _making_due_again(dialect: str) -> Update:
    mine = and_(inbox.c.claimed_by == bindparam("worker"), tuple_(*_KEY).in_(_key_in(JsonRows(dialect))))
    again = {"due_at": now(), "claimed_by": null(), "attempts": literal_column("0")}
    return update(inbox).where(mine).values(**again, last_error=null(), error_kind=null())


def _key_in(rows: JsonRows) -> Select[Any]:
    return select(rows.column(0, String()), rows.column(1, String())).select_from(rows.table)


async def note_refusal(db: AsyncConnection, worker: str, claim: Claim) -> None:
    """Graph refuses this record: remember, at its first refusal, how many records of the tenant were stored."""
    stored = select(tenants.c.kept_total).where(tenants.c.tenant_id == claim.tenant_id).scalar_subquery()
    first = func.coalesce(inbox.c.stored_when_refused, stored, 0)
    await db.execute(update(inbox).where(_mine(worker, [claim])).values(stored_when_refused=first))


async def stored_since_refusal(db: AsyncConnection, claim: Claim) -> bool:
    """Whether a record of the tenant was stored after Graph first refused this one."""
    wanted = select(tenants.c.kept_total > inbox.c.stored_when_refused)
    wanted = wanted.join_from(inbox, tenants, tenants.c.tenant_id == inbox.c.tenant_id)
    this = (inbox.c.tenant_id == claim.tenant_id) & (inbox.c.call_id == claim.call_id)
    return bool(await db.scalar(wanted.where(this)))


async def retry(
    db: AsyncConnection, worker: str, claim: Claim, pause: timedelta, why: str, kind: str | None = None
) -> None:
    """Make the row due after ``pause``, at its deadline at the latest, or at once if it was notified meanwhile.

    The time is the database's, as it is when a row is claimed: the clocks of the workers' machines may differ.
    """
    late = and_(inbox.c.deadline > now(), inbox.c.deadline < now(pause))
    due_at = case((inbox.c.notices != claim.notices, now()), (late, inbox.c.deadline), else_=now(pause))
    values = {"due_at": due_at, "claimed_by": None, "last_error": why, "error_kind": kind}
    await db.execute(update(inbox).where(_mine(worker, [claim])).values(values))


async def give_up(
    db: AsyncConnection, worker: str, claim: Claim, state: str, why: str, kind: str | None = None
) -> bool:
    """Set the row to failed or expired for an administrator; due again instead if it was notified meanwhile.

    Returns whether the row has the state now.
    """
    state_then = case((inbox.c.notices == claim.notices, state), else_=DUE)
    values = {"state": state_then, "due_at": now(), "claimed_by": None, "last_error": why, "error_kind": kind}
    given_up = update(inbox).where(_mine(worker, [claim])).values(values).returning(inbox.c.state)
    return bool(await db.scalar(given_up) == state)


def _mine(worker: str, claims: Iterable[Claim]) -> ColumnElement[bool]:
    locked = _locked(and_(inbox.c.claimed_by == worker, tuple_(*_KEY).in_(_keys(claims))))
    return tuple_(*_KEY).in_(select(locked.cte("mine")))


def _keys(claims: Iterable[Claim]) -> list[tuple[str, str]]:
    return [(claim.tenant_id, claim.call_id) for claim in claims]


def _locked(which: ColumnElement[bool]) -> Select[tuple[str, str]]:
    """Locks in the order in which `put` takes them: neither locks the other out."""
    return select(*_KEY).where(which).order_by(*_KEY).with_for_update()
