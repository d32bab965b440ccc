"""Alerts in the database, and their events. Nothing here commits."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.alerts.findings import Finding
from app.alerts.tables import FIRING, RESOLVED, alerts
from app.archive.schema.periods import begin_of
from app.ids import TenantId
from app.outbox import writing
from app.outbox.event import ALERT_FIRING, ALERT_RESOLVED, Event

REPEAT = timedelta(hours=24)
HOUR = timedelta(hours=1)

c = alerts.c


async def firing(db: AsyncConnection, rules: Collection[str] | None = None) -> dict[str, Row[Any]]:
    """The open alerts by fingerprint."""
    wanted = select(alerts).where(c.state == FIRING)
    rows = await db.execute(wanted if rules is None else wanted.where(c.rule.in_(sorted(rules))))
    return {row.fingerprint: row for row in rows}


async def listed(
    db: AsyncConnection,
    tenants: Sequence[TenantId] | None,
    *,
    state: str | None = None,
    fingerprint: str | None = None,
    limit: int = 200,
) -> Sequence[Row[Any]]:
    """Newest first; one fingerprint is one alert with its history."""
    wanted = select(alerts).order_by(c.id.desc()).limit(limit)
    if tenants is not None:
        wanted = wanted.where(c.tenant_id.in_(tenants))
    if state is not None:
        wanted = wanted.where(c.state == state)
    if fingerprint is not None:
        wanted = wanted.where(c.fingerprint == fingerprint)
    return (await db.execute(wanted)).all()


async def fire(db: AsyncConnection, finding: Finding, now: datetime) -> None:
    """Open the alert."""
    row = {
        "fingerprint": finding.fingerprint,
        "rule": finding.rule.id,
        "tenant_id": finding.tenant_id,
        "dimension": finding.rule.by,
        "value": finding.value,
        "state": FIRING,
        "fired_at": now,
        **_measured(finding, now),
    }
    await db.execute(insert(alerts).values(row))


async def keep(db: AsyncConnection, alert_id: int, finding: Finding, now: datetime) -> None:
    """A window breached again."""
    await db.execute(update(alerts).where(c.id == alert_id).values(_measured(finding, now)))


async def resolve(db: AsyncConnection, row: Row[Any], now: datetime) -> None:
    """Close the alert; an event follows only if its beginning was one."""
    await db.execute(update(alerts).where(c.id == row.id).values(state=RESOLVED, resolved_at=now))
    if row.reported_at is not None:
        await writing.write(db, [event(ALERT_RESOLVED, row)], now)


async def report(db: AsyncConnection, rows: Sequence[Row[Any]], now: datetime) -> None:
    """Write the events that these alerts fire."""
    await writing.write(db, [event(ALERT_FIRING, row) for row in rows], now)
    await db.execute(update(alerts).where(c.id.in_([row.id for row in rows])).values(reported_at=now))


async def acknowledge(db: AsyncConnection, fingerprint: str, by: str, now: datetime) -> int:
    """No repeats are sent of an alert that someone works on."""
    mine = (c.fingerprint == fingerprint, c.state == FIRING, c.acknowledged_at.is_(None))
    return (await db.execute(update(alerts).where(*mine).values(acknowledged_by=by, acknowledged_at=now))).rowcount


def event(kind: str, row: Any) -> Event:
    """It says which calls, not when it was written: records come late."""
    begun = begin_of(row.hour)
    share = f"{row.poor} of {row.judged} streams"
    data = {
        "tenant_id": row.tenant_id,
        "rule": row.rule,
        "title": title(row),
        "severity": row.severity,
        "fingerprint": row.fingerprint,
        "dimensions": {row.dimension: row.value or row.tenant_id},
        "since": row.fired_at,
        "poor": f"{share} ({100 * row.poor / row.judged:.0f} %)" if row.judged else share,
        "calls": row.calls,
        "window": f"calls of {begun:%Y-%m-%d %H:%M} to {begun + HOUR:%H:%M} UTC",
    }
    return Event(kind, row.fingerprint, row.tenant_id, data)


def title(row: Any) -> str:
    if row.rule == "unmapped_subnet":
        return f"Subnet without a site: {row.value}"
    return f"Poor quality: {row.dimension.replace('_', ' ')} {row.value or row.tenant_id}"


def _measured(finding: Finding, now: datetime) -> dict[str, Any]:
    return {
        "severity": finding.decision.severity,
        "hour": finding.hour,
        "judged": finding.counted.judged,
        "poor": finding.counted.poor,
        "calls": finding.counted.calls,
        "threshold": finding.threshold,
        "seen_at": now,
    }
