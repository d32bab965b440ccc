"""Claims deliveries that are due, and settles them: each a statement or two. Nothing here commits."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, case, exists, func, not_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db import now
from app.outbox.tables import ACTIVE, DELIVERED, FAILED, PENDING, deliveries, webhooks

LEASE = timedelta(minutes=2)

c, w = deliveries.c, webhooks.c


class Claim(NamedTuple):
    """A delivery that one process may send until its lease ends."""

    id: int
    event_id: str
    kind: str
    subject: str
    data: str
    created_at: datetime
    begun_at: datetime
    attempts: int


def has_due() -> ColumnElement[bool]:
    """Of a webhook: whether a delivery is due."""
    return exists().where(c.webhook_id == w.id, c.state == PENDING, c.due_at <= now())


async def claim(
    db: AsyncConnection, holder: str, webhook_id: str, most: int, *, only: Collection[int] | None = None
) -> list[Claim]:
    """Of each subject at most one delivery, its oldest: the next one follows when this one is delivered or failed."""
    older = deliveries.alias("older")
    is_first = not_(
        exists().where(
            older.c.webhook_id == c.webhook_id,
            older.c.subject == c.subject,
            older.c.id < c.id,
            older.c.state == PENDING,
        )
    )
    mine = [c.webhook_id == webhook_id, c.state == PENDING, c.due_at <= now(), is_first]
    if only is not None:
        mine.append(c.id.in_(only))
    due = select(c.id).where(*mine).order_by(c.due_at).limit(most).with_for_update(skip_locked=True, of=deliveries)
    lend = (
        update(deliveries)
        .where(c.id.in_(select(due.cte("due").c.id)))
        .values(due_at=now(LEASE), claimed_by=holder, attempts=c.attempts + 1)
        .returning(*(c[name] for name in Claim._fields))
    )
    return sorted(Claim(*row) for row in await db.execute(lend))


async def release(db: AsyncConnection, holder: str) -> None:
    """What this process has claimed is due at once, as if never claimed."""
    mine = and_(c.claimed_by == holder, c.state == PENDING)
    await db.execute(update(deliveries).where(mine).values(due_at=now(), claimed_by=None, attempts=c.attempts - 1))


async def delivered(db: AsyncConnection, holder: str, ids: Sequence[int], status: int | None) -> None:
    done = {"state": DELIVERED, "finished_at": now(), "claimed_by": None, "last_status": status, "last_error": None}
    await db.execute(update(deliveries).where(c.id.in_(ids), c.claimed_by == holder).values(**done))


async def failed(
    db: AsyncConnection,
    holder: str,
    webhook_id: str,
    claim: Claim,
    pause: timedelta | None,
    status: int | None,
    error: str,
) -> None:
    """Due again after ``pause``, together with the later ones of its subject; failed if that is None."""
    values = {"claimed_by": None, "last_status": status, "last_error": error}
    mine = and_(c.id == claim.id, c.claimed_by == holder)
    if pause is None:
        await db.execute(update(deliveries).where(mine).values(state=FAILED, finished_at=now(), **values))
        return
    await db.execute(update(deliveries).where(mine).values(due_at=now(pause), **values))
    later = and_(c.webhook_id == webhook_id, c.subject == claim.subject, c.id > claim.id, c.state == PENDING)
    await db.execute(update(deliveries).where(later).values(due_at=now(pause)))


async def works(db: AsyncConnection, webhook_id: str, status: int | None) -> None:
    """A delivery succeeded; writes only where that is news."""
    good = {"failures": 0, "failing_since": None, "paused_until": None, "last_status": status, "last_error": None}
    is_news = (w.failures > 0) | (w.last_status.is_distinct_from(status))
    await db.execute(update(webhooks).where(w.id == webhook_id, is_news).values(**good))


async def fails(
    db: AsyncConnection, webhook_id: str, pause: timedelta, status: int | None, error: str
) -> datetime | None:
    """No delivery succeeded: nothing more is sent during ``pause``. Returns since when the webhook fails."""
    bad = {
        "failures": w.failures + 1,
        "failing_since": func.coalesce(w.failing_since, now()),
        "paused_until": now(pause),
        "last_status": status,
        "last_error": error,
    }
    found: datetime | None = await db.scalar(
        update(webhooks).where(w.id == webhook_id).values(**bad).returning(w.failing_since)
    )
    return found


async def pause_for(db: AsyncConnection, webhook_id: str, pause: timedelta) -> None:
    """The receiver asked for a wait; a shorter one never replaces a longer."""
    until = now(pause)
    later = case((func.coalesce(w.paused_until, until) > until, w.paused_until), else_=until)
    await db.execute(update(webhooks).where(w.id == webhook_id).values(paused_until=later))


async def give_up_inactive(db: AsyncConnection, most: int) -> int:
    """Set deliveries of disabled webhooks to failed, and return their number; they can be replayed."""
    some = select(c.id).where(of_inactive()).limit(most)
    over = {"state": FAILED, "finished_at": now(), "claimed_by": None, "last_error": "the webhook is disabled"}
    return (await db.execute(update(deliveries).where(c.id.in_(some)).values(**over))).rowcount


def of_inactive() -> ColumnElement[bool]:
    return and_(c.webhook_id.in_(select(w.id).where(w.state != ACTIVE)), c.state == PENDING)
