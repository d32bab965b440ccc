"""Evaluates the rules every half hour, by the time of the calls, in the process that has the lease."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.alerts import counts, findings, store
from app.alerts.findings import Finding
from app.alerts.rule import PARENTS, RuleSet
from app.alerts.tables import alerts
from app.db import Database, direct, lease
from app.ids import TenantId
from app.observability import log
from app.outbox import listeners, writing
from app.outbox.event import ALERT_FIRING, Event

EVERY = timedelta(minutes=1)  # a look at the clock; a pass is due at each half hour
HALF_HOUR = timedelta(minutes=30)

_log = log.get(__name__)


class EvaluateAlerts:
    """A periodic job. A pass that is done twice changes nothing."""

    every = EVERY
    rest = 0.0

    def __init__(self, database: Database, rules: RuleSet, *, holder: str) -> None:
        self._database = database
        self._rules = rules
        self._holder = holder
        self._done: datetime | None = None

    async def once(self) -> None:
        now = datetime.now(UTC)
        due = now - (now - datetime(2000, 1, 1, tzinfo=UTC)) % HALF_HOUR
        if not self._rules.rules or due == self._done:
            return
        async with lease.hold(self._database, "alerts", self._holder) as is_ours:
            if is_ours:
                await evaluate(self._database, self._rules, now)
        self._done = due

    def on_error(self, error: str, times: int) -> None:
        _log.error("alerts_not_evaluated", error=error, times=times)


async def evaluate(database: Database, rules: RuleSet, now: datetime) -> None:
    """One pass: open, keep and close alerts, and write their events."""
    for rule in rules.rules:
        async with database.reading() as db:
            open_alerts = await store.firing(db, [rule.id])
            counted = await counts.read(db, rule, findings.hours_of(rule, now))
        found = list(findings.of(rule, counted, now, open_alerts.keys()))
        if any(each.decision.action != "keep" for each in found):
            async with database.begin() as db:
                await _apply(db, found, now)
    async with database.begin() as db:
        await _report(db, rules, now)


async def _apply(db: AsyncConnection, found: Sequence[Finding], now: datetime) -> None:
    known = await store.firing(db, {each.rule.id for each in found})
    for each in found:
        row = known.get(each.fingerprint)
        if each.decision.action == "fire":
            await (store.fire(db, each, now) if row is None else store.keep(db, row.id, each, now))
        elif each.decision.action == "resolve" and row is not None:
            await store.resolve(db, row, now)


async def _report(db: AsyncConnection, rules: RuleSet, now: datetime) -> None:
    """Events of alerts that are new, or still fire a day after the last event."""
    rows = (await store.firing(db)).values()
    due = [row for row in rows if _is_due(row, now) and not _is_muted(row, rules, now) and not _is_inhibited(row, rows)]
    recent = select(func.count()).where(alerts.c.reported_at > now - store.HOUR)
    places = max(rules.most_an_hour - (await db.scalar(recent) or 0), 0)
    due.sort(key=lambda row: (row.severity != "critical", row.id))
    if places and due:
        await store.report(db, due[:places], now)
    if rest := due[places:]:
        await _digest(db, rest, now)


async def _digest(db: AsyncConnection, rows: Sequence[Row[Any]], now: datetime) -> None:
    """One event for each tenant instead of one for each alert, at most once an hour; they are due again later."""
    by_tenant: dict[TenantId, int] = {}
    for row in rows:
        by_tenant[row.tenant_id] = by_tenant.get(row.tenant_id, 0) + 1
    for tenant_id, number in sorted(by_tenant.items()):
        fingerprint = f"digest {tenant_id} {now:%Y-%m-%d %H}"
        data = {
            "tenant_id": tenant_id,
            "rule": "digest",
            "title": f"{number} more alerts fire",
            "severity": "warning",
            "fingerprint": "",
            "alerts": number,
        }
        known = await listeners.read(db)
        if not await direct.run(db, writing.reported(db.dialect, known, ALERT_FIRING, fingerprint)):
            await writing.write(db, [Event(ALERT_FIRING, fingerprint, tenant_id, data)], now)


def _is_due(row: Row[Any], now: datetime) -> bool:
    if row.reported_at is None:
        return True
    return row.acknowledged_at is None and row.reported_at <= now - store.REPEAT


def _is_muted(row: Row[Any], rules: RuleSet, now: datetime) -> bool:
    return any(mute.applies(row.rule, row.value, now.weekday(), now.hour) for mute in rules.mutes)


def _is_inhibited(row: Row[Any], rows: Any) -> bool:
    """Whether the tenant of a site, network or subnet has an alert of its own, which explains this one."""
    parents = PARENTS.get(row.dimension, ())
    return "tenant" in parents and any(
        other.dimension == "tenant" and other.tenant_id == row.tenant_id for other in rows
    )
