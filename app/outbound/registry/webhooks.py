"""Webhooks: added, listed, rotated, disabled, removed. Nothing here commits.

The URL and the secrets are encrypted; only delivery and the caller who adds a webhook see them.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import orjson
from sqlalchemy import ColumnElement, Row, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db import lock_writers, now
from app.db.secrets import shared_secret
from app.db.secrets.sealed import Seal
from app.ids import TenantId
from app.outbound.formats import formats
from app.outbound.sending import signature, target
from app.outbound.sending.addresses import Network
from app.outbound.sending.target import WebhookRefused
from app.outbox.event import SUBSCRIBABLE
from app.outbox.tables import ACTIVE, DISABLED, REMOVED, webhooks

MOST = 50  # webhooks: each event has a row for each
ROTATION = timedelta(days=1)  # both secrets sign
SEAL = "webhooks"

c = webhooks.c


class Added(NamedTuple):
    """The secret is shown once; None where the format has none."""

    webhook_id: str
    secret: str | None


class Webhook(NamedTuple):
    """What delivery needs."""

    webhook_id: str
    url: str
    format: str
    secrets: tuple[str, ...]
    failures: int


async def add(
    db: AsyncConnection,
    url: str,
    kinds: Sequence[str],
    form: str,
    *,
    tenants: Sequence[TenantId] | None,
    by: str,
    at: datetime,
    allowed: Sequence[Network],
) -> Added:
    """A new active webhook; WebhookRefused if there can be none."""
    target.parsed(url, allowed)
    kinds = _checked(kinds)
    form = formats.checked(form)
    await lock_writers(db, webhooks)
    if (await db.scalar(select(func.count()).where(c.state != REMOVED)) or 0) >= MOST:
        raise WebhookRefused(f"there are {MOST} webhooks already; remove one with `callkeeper webhooks remove ID`")
    seal = await Seal.within(db, SEAL)
    secret = signature.new_secret() if formats.is_signed(form) else None
    webhook_id = f"wh_{secrets.token_hex(6)}"
    row = {
        "id": webhook_id,
        "url": seal.close(url),
        "shown_url": target.shown(url, path=formats.is_signed(form)),
        "format": form,
        "events": orjson.dumps(kinds).decode(),
        "tenants": None if tenants is None else orjson.dumps(sorted(set(tenants))).decode(),
        "secret": seal.close(secret) if secret else None,
        "state": ACTIVE,
        "created_at": at,
        "created_by": by,
        "revision": await _next_revision(db),
        "failures": 0,
    }
    await db.execute(insert(webhooks).values(row))
    return Added(webhook_id, secret)


async def rotate(db: AsyncConnection, webhook_id: str, tenants: Sequence[TenantId] | None, at: datetime) -> str:
    """The new secret. The previous one signs as well for a day, so that the receiver can be changed meanwhile."""
    row = await find(db, webhook_id, tenants)
    if row.secret is None:
        raise WebhookRefused(f"the format {row.format} has no secret: remove the webhook, and add it with its new URL")
    seal, secret = await Seal.within(db, SEAL), signature.new_secret()
    await _change(
        db,
        webhook_id,
        secret=seal.close(secret),
        previous_secret=row.secret,
        previous_until=at + ROTATION,
    )
    return secret


async def enable(db: AsyncConnection, webhook_id: str, tenants: Sequence[TenantId] | None) -> None:
    """Deliver again, at once. Events that failed stay failed until they are replayed."""
    await find(db, webhook_id, tenants)
    await _change(db, webhook_id, state=ACTIVE, reason=None, failures=0, failing_since=None, paused_until=None)


async def disable(db: AsyncConnection, webhook_id: str, reason: str) -> None:
    await _change(db, webhook_id, state=DISABLED, reason=reason)


async def remove(db: AsyncConnection, webhook_id: str, tenants: Sequence[TenantId] | None) -> None:
    """Its deliveries are deleted within a minute."""
    await find(db, webhook_id, tenants)
    await _change(db, webhook_id, state=REMOVED, url=None, secret=None, previous_secret=None)


async def find(db: AsyncConnection, webhook_id: str, tenants: Sequence[TenantId] | None) -> Row[Any]:
    """The row; WebhookRefused if a caller of these tenants has no such webhook."""
    rows = await listed(db, tenants, webhook_id)
    if not rows:
        raise WebhookRefused(f"there is no webhook {webhook_id[:40]}; see `callkeeper webhooks list`")
    return rows[0]


async def listed(
    db: AsyncConnection, tenants: Sequence[TenantId] | None, webhook_id: str | None = None
) -> list[Row[Any]]:
    """Webhooks that only receive events of these tenants; all for None."""
    wanted = select(webhooks).where(c.state != REMOVED).order_by(c.created_at, c.id)
    if webhook_id is not None:
        wanted = wanted.where(c.id == webhook_id)
    return [row for row in await db.execute(wanted) if _is_within(row.tenants, tenants)]


async def ready(db: AsyncConnection, which: ColumnElement[bool], at: datetime) -> list[Webhook]:
    """The active webhooks of this condition, decrypted, without those that are paused."""
    unpaused = or_(c.paused_until.is_(None), c.paused_until <= now())
    rows = (await db.execute(select(webhooks).where(c.state == ACTIVE, unpaused, which))).all()
    key = await shared_secret.find(db, SEAL) if rows else None
    return [opened(row, Seal(key, SEAL), at) for row in rows] if key else []


async def decrypted(db: AsyncConnection, row: Row[Any], at: datetime) -> Webhook:
    return opened(row, await Seal.within(db, SEAL), at)


def opened(row: Row[Any], seal: Seal, at: datetime) -> Webhook:
    sealed = [row.secret] if row.secret else []
    if row.previous_secret and row.previous_until > at:
        sealed.append(row.previous_secret)
    return Webhook(row.id, seal.open(row.url), row.format, tuple(map(seal.open, sealed)), row.failures)


def _checked(kinds: Sequence[str]) -> list[str]:
    wanted = list(dict.fromkeys(kinds))
    if unknown := [kind for kind in wanted if kind not in SUBSCRIBABLE]:
        raise WebhookRefused(f"{unknown[0][:40]!r} is no event type; choose from {', '.join(SUBSCRIBABLE)}")
    if not wanted:
        raise WebhookRefused(f"choose at least one event type: {', '.join(SUBSCRIBABLE)}")
    return wanted


def _is_within(stored: str | None, tenants: Sequence[TenantId] | None) -> bool:
    if tenants is None:
        return True
    return stored is not None and set(orjson.loads(stored)) <= set(tenants)


async def _change(db: AsyncConnection, webhook_id: str, **values: Any) -> None:
    await lock_writers(db, webhooks)
    await db.execute(update(webhooks).where(c.id == webhook_id).values(**values, revision=await _next_revision(db)))


async def _next_revision(db: AsyncConnection) -> int:
    """The table must be locked."""
    return (await db.scalar(select(func.max(c.revision))) or 0) + 1
