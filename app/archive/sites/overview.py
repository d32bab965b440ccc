"""All sites: what the file says of each, and how its streams went; the worst first."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.archive.daily import confidence, streams_per_day
from app.archive.daily.streams_per_day import Counts
from app.archive.queries.filters import Filters, of_tenants
from app.archive.schema.periods import day_of
from app.archive.schema.site_tables import endpoint_sites, site_networks, site_people
from app.archive.sites import imports
from app.archive.sites.current_sites import period

BEFORE = timedelta(days=28)  # the period that a range is compared with: the four weeks before it
MOST = 5_000  # sites

NONE = Counts()
networks, people = site_networks.c, site_people.c


@dataclass(frozen=True, slots=True)
class Site:
    """How one site did in a range, and in the four weeks before it."""

    site: str
    counts: Counts
    before: Counts
    people_affected: int
    """Different people with poor streams there."""
    described: dict[str, Any] = field(default_factory=dict)
    """What the building file says: see ``sites``."""


async def sites(db: AsyncConnection, day: date) -> list[dict[str, Any]]:
    """The sites of the file that is active on the day, by name, each with its networks."""
    files = [
        row for row in await imports.listed(db, "buildings") if period(row["valid_from"], row["valid_to"]).contains(day)
    ]
    found: dict[str, dict[str, Any]] = {}
    for row in await _rows(db, files[0]["key"]) if files else ():
        if period(row["valid_from"], row["valid_to"]).contains(day):
            place = {name: row[name] for name in ("site", "city", "country", "region")}
            here = found.setdefault(row["site"], place | {"inside": False, "networks": []})
            here["inside"] = here["inside"] or row["inside"]
            here["networks"].append({name: row[name] for name in ("network", "network_name", "inside", "vpn", "line")})
    return [found[name] for name in sorted(found, key=str.casefold)]


async def worst_first(
    db: AsyncConnection, filters: Filters, day: date, only: Collection[str] | None = None
) -> list[Site]:
    """Sites with calls in the range, and those of the file that is active on the day; ``only`` these names.

    Of the filters range and tenants count.
    """
    assert filters.since is not None
    known = {one["site"]: one for one in await sites(db, day)}
    now = {one.value: one for one in await streams_per_day.over(db, filters, "site", most=MOST)}
    earlier = replace(filters, since=filters.since - BEFORE, until=filters.since)
    before = {one.value: one for one in await streams_per_day.over(db, earlier, "site", most=MOST)}
    affected = await _affected(db, filters)
    names = {name for name in known.keys() | now.keys() if name and (only is None or name in only)}
    found = [
        Site(name, now.get(name, NONE), before.get(name, NONE), affected.get(name, 0), known.get(name, {}))
        for name in names
    ]
    return sorted(found, key=lambda one: (-_surely_poor(one.counts), -one.counts.streams, one.site.casefold()))


async def conflicts(db: AsyncConnection) -> int:
    """Ends whose reported subnet and address are in different rows: the client's mask is wider than the file's."""
    mine = endpoint_sites.c.method == "address_not_subnet"
    return await db.scalar(select(func.count()).select_from(endpoint_sites).where(mine)) or 0


async def _rows(db: AsyncConnection, file_key: int) -> Sequence[Any]:
    wanted = select(site_networks).where(networks.file_key == file_key).order_by(networks.line, networks.key)
    return (await db.execute(wanted)).mappings().all()


def _surely_poor(counts: Counts) -> float:
    """The lower end of the interval of the share of poor streams: a site with a few streams does not come first."""
    return confidence.interval(counts).low


async def _affected(db: AsyncConnection, filters: Filters) -> dict[str, int]:
    wanted = select(people.site, func.count(people.person_id.distinct())).group_by(people.site)
    conditions = of_tenants(filters.visible(), people.tenant_id)
    whole = streams_per_day.whole_days(filters)
    conditions += [] if whole.since is None else [people.day >= day_of(whole.since)]
    conditions += [] if whole.until is None else [people.day < day_of(whole.until)]
    return {row[0]: row[1] for row in await db.execute(wanted.where(*conditions))}
