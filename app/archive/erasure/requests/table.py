"""Requests of `erase`: of whom, and how far each one has come. The oldest that is not finished is worked on.

Until it is finished a request contains the person's ids, addresses and names, because documents are searched for them.
"""

from collections import Counter
from datetime import datetime
from typing import Any, NamedTuple

import orjson
from sqlalchemy import BigInteger, Boolean, Column, RowMapping, String, Table, Text, func, literal, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.archive.erasure.traces import Traces
from app.db import Key, UtcDateTime, metadata

BEGINNING = (-1, -1)
"""Before the first document."""

erasure_requests = Table(
    "erasure_requests",
    metadata,
    Column("key", Key, primary_key=True),
    Column("person", String(32), nullable=False, comment="as in erasures: random"),
    Column("known", Text, comment="JSON: ids, addresses and names to be searched for; null once it is finished"),
    Column("requested_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False, comment="the last progress"),
    Column("finished_at", UtcDateTime),
    Column("own_calls", BigInteger, nullable=False, comment="the person's calls by the index of people"),
    Column("own_calls_done", BigInteger, nullable=False, comment="of them, rewritten so far"),
    Column("documents", BigInteger, nullable=False, comment="all documents, which are searched after that"),
    Column("documents_done", BigInteger, nullable=False, comment="of them, searched so far"),
    Column("call_key", BigInteger, nullable=False, comment="the last document that was searched: of this call"),
    Column("version", BigInteger, nullable=False, comment="and of this version"),
    Column("again", Boolean, nullable=False, comment="a new id or name was found: all documents are searched again"),
    Column("changed_calls", BigInteger, nullable=False, comment="calls in which the person was"),
    Column("changed_rows", Text, nullable=False, comment="JSON: by table, the rows in which the person was"),
    Column("unreadable_calls", BigInteger, nullable=False, comment="calls whose document cannot be read"),
)

c = erasure_requests.c


class Request(NamedTuple):
    """A row of the table; ``known`` is empty once it is finished."""

    key: int
    person: str
    known: Traces
    requested_at: datetime
    updated_at: datetime
    finished_at: datetime | None
    own_calls: int
    own_calls_done: int
    documents: int
    documents_done: int
    call_key: int
    version: int
    again: bool
    changed_calls: int
    changed_rows: Counter[str]
    unreadable_calls: int


async def join_or_add(db: AsyncConnection, person: str, user_id: str, now: datetime) -> tuple[Request, bool]:
    """The person's request that is not finished, with this id too, or a new one; and whether it is new."""
    mine = select(c.key).where(c.person == person, c.finished_at.is_(None)).order_by(c.key)
    key = await db.scalar(mine.limit(1))
    is_new = key is None
    if is_new:
        values = {
            **dict.fromkeys(("own_calls", "own_calls_done", "documents", "documents_done"), 0),
            **dict.fromkeys(("changed_calls", "unreadable_calls"), 0),
            **dict.fromkeys(("requested_at", "updated_at"), now),
            **dict(zip(("call_key", "version"), BEGINNING, strict=True)),
            "person": person,
            "known": written(Traces({user_id})),
            "again": False,
            "changed_rows": "{}",
        }
        key = await db.scalar(erasure_requests.insert().values(values).returning(c.key))
    assert key is not None
    found = await read(db, key)
    if user_id not in found.known.ids:
        more = found.known | Traces({user_id})
        await change(db, key, now, known=written(more), again=True)
        found = await read(db, key)
    return found, is_new


async def current(db: AsyncConnection) -> int | None:
    """The key of the oldest request that is not finished."""
    return await db.scalar(select(c.key).where(c.finished_at.is_(None)).order_by(c.key).limit(1))


async def read(db: AsyncConnection, key: int) -> Request:
    return _request((await db.execute(select(erasure_requests).where(c.key == key))).mappings().one())


async def change(db: AsyncConnection, key: int, now: datetime, **values: Any) -> None:
    """Set these columns; one process at a time does, see job."""
    await db.execute(update(erasure_requests).where(c.key == key).values(updated_at=now, **values))


async def add(db: AsyncConnection, key: int, now: datetime, rows: Counter[str] | None = None, **numbers: int) -> None:
    """Add to these columns, and to the rows by table."""
    if rows:
        total = (await read(db, key)).changed_rows + rows
        await change(db, key, now, changed_rows=orjson.dumps(total).decode())
    await change(db, key, now, **{name: c[name] + number for name, number in numbers.items()})


async def finish(db: AsyncConnection, key: int, known: Traces, now: datetime) -> bool:
    """False where another id of the person was added meanwhile."""
    mine = update(erasure_requests).where(c.key == key, c.known == written(known), c.again == literal(False))  # noqa: FBT003 -- SQL's
    return (await db.execute(mine.values(known=None, finished_at=now, updated_at=now))).rowcount > 0


def written(known: Traces) -> str:
    parts = {"ids": known.ids, "principal_names": known.principal_names, "names": known.names}
    return orjson.dumps({name: sorted(texts) for name, texts in parts.items()}).decode()


def _request(row: RowMapping) -> Request:
    known = {name: set(texts) for name, texts in orjson.loads(row["known"] or "{}").items()}
    rows = Counter(orjson.loads(row["changed_rows"]))
    return Request(**dict(row) | {"known": Traces(**known), "changed_rows": rows})


class Summary(NamedTuple):
    """All requests, without what says of whom they are."""

    pending: int = 0
    finished: int = 0
    last: Request | None = None
    """The one that is worked on; where there is none, the one that finished last."""

    @property
    def left(self) -> int:
        """Calls and documents that are still to be rewritten or searched by the one that is worked on."""
        if self.last is None or not self.pending:
            return 0
        return max(self.last.own_calls - self.last.own_calls_done, 0) + max(
            self.last.documents - self.last.documents_done, 0
        )

    def as_json(self) -> dict[str, Any]:
        last = None if self.last is None else {name: getattr(self.last, name) for name in REPORTED}
        return {"pending": self.pending, "finished": self.finished, "last": last}


REPORTED = (
    *("requested_at", "updated_at", "finished_at", "own_calls", "own_calls_done", "documents", "documents_done"),
    *("changed_calls", "unreadable_calls"),
)
"""What may be shown of a request: numbers and times."""


async def summary(db: AsyncConnection) -> Summary:
    pending = await db.scalar(select(func.count()).where(c.finished_at.is_(None))) or 0
    finished = await db.scalar(select(func.count()).where(c.finished_at.is_not(None))) or 0
    order = (c.key,) if pending else (c.finished_at.desc(), c.key.desc())
    wanted = select(erasure_requests).order_by(*order).limit(1)
    wanted = wanted.where(c.finished_at.is_(None)) if pending else wanted
    row = (await db.execute(wanted)).mappings().first()
    return Summary(pending, finished, _request(row) if row else None)
