"""The check of webhooks: does each of them accept its events. Pure."""

from collections.abc import Sequence
from datetime import datetime

from app.doctor.finding import Check, ok, warning
from app.health.durations import counted
from app.outbound.registry.health import Failing
from app.settings.units import describe_duration

NAME = "webhooks"


def check(known: int, failing: Sequence[Failing], now: datetime) -> Check:
    """``known`` is the number of webhooks."""
    if failing:
        first = failing[0]
        since = f"has failed for {describe_duration(now - first.since)}" if first.since else "is disabled"
        others = f"; {counted(len(failing) - 1, 'other webhook')} as well" if len(failing) > 1 else ""
        remedy = (
            f"fix the receiver, then run `callkeeper webhooks test {first.webhook_id}`; `callkeeper webhooks enable`"
            " and `callkeeper webhooks replay` send what failed"
        )
        return warning(NAME, f"{first.webhook_id} ({first.url}) {since}: {first.error}{others}", remedy)
    return ok(NAME, f"{counted(known, 'webhook')}, none failing" if known else "there are none")
