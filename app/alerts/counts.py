"""The counts of hours that rules look at."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.alerts.rule import Rule
from app.alerts.window import Counted
from app.archive.daily.contribution import ALL
from app.archive.schema.count_tables import counted_values, hour_counts

Place = tuple[str, str]
"""tenant_id, value of the dimension"""

Counts = dict[Place, dict[int, Counted]]
"""By place, then by hour."""


async def read(db: AsyncConnection, rule: Rule, hours: Collection[int]) -> Counts:
    """What was counted in these hours, for each value of the rule's dimension; the empty value is left out.

    A tenant has the empty value: its counts are those of all its calls.
    """
    v, h = counted_values.c, hour_counts.c
    of_tenant = rule.by == "tenant"
    dimension = ALL if of_tenant else "unmapped_subnet" if rule.kind == "unmapped_subnet" else rule.by
    wanted = select(v.tenant_id, v.value, h.hour, h.streams, h.judged, h.poor, h.calls)
    wanted = wanted.join_from(hour_counts, counted_values, v.key == h.value_key)
    wanted = wanted.where(v.dimension == dimension, h.hour.in_(sorted(hours)))
    if not of_tenant:
        wanted = wanted.where(v.value != "")
    found: Counts = {}
    for tenant_id, value, hour, *numbers in await db.execute(wanted):
        found.setdefault((tenant_id, value), {})[hour] = Counted(*numbers)
    return found
