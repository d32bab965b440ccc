"""What the rules would have found in a stored period: all its records are there, so each pass sees all of them."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from app.alerts import counts, findings, window
from app.alerts.counts import Counts
from app.alerts.findings import Finding
from app.alerts.rule import Rule, RuleSet
from app.archive.schema.periods import HOUR, begin_of, hour_of

LONGEST = timedelta(days=92)


async def replay(db: AsyncConnection, rules: RuleSet, begin: datetime, end: datetime) -> list[dict[str, Any]]:
    """The alerts in the order in which they would have fired; ``resolved_at`` is None for those still open."""
    found: list[dict[str, Any]] = []
    for rule in rules.rules:
        hours = set(range(hour_of(begin) - window.WEEKS * window.WEEK - 3, hour_of(end) + 1))
        found += _of_rule(rule, await counts.read(db, rule, hours), begin, end)
    return sorted(found, key=lambda each: (each["fired_at"], each["rule"], each["value"]))


def _of_rule(rule: Rule, counted: Counts, begin: datetime, end: datetime) -> Iterator[dict[str, Any]]:
    """Pure: a pass for each hour, when the last records of a window are there."""
    is_open: dict[str, dict[str, Any]] = {}
    at = begin_of(hour_of(begin)) + window.LAST_PASS % HOUR
    while at <= end + window.LAST_PASS:
        for finding in findings.of(rule, counted, at, is_open.keys()):
            if finding.decision.action == "fire":
                is_open.setdefault(finding.fingerprint, _fired(finding, at))
            elif finding.decision.action == "resolve":
                yield is_open.pop(finding.fingerprint) | {"resolved_at": at}
        at += HOUR
    yield from is_open.values()


def _fired(finding: Finding, at: datetime) -> dict[str, Any]:
    return {
        "rule": finding.rule.id,
        "severity": finding.decision.severity,
        "tenant_id": finding.tenant_id,
        "dimension": finding.rule.by,
        "value": finding.value,
        "poor": finding.counted.poor,
        "judged": finding.counted.judged,
        "calls": finding.counted.calls,
        "fired_at": at,
        "resolved_at": None,
    }
