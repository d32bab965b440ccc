"""Subnets of the own people that are in no row of the building file, as CQD's report of missing subnets."""

from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from app.archive.daily import streams_per_day
from app.archive.daily.streams_per_day import Value
from app.archive.queries.filters import Filters
from app.archive.sites import addresses

LEAST = 10  # audio streams: https://learn.microsoft.com/microsoftteams/cqd-upload-tenant-building-data
MOST = 1_000  # subnets that are read


@dataclass(frozen=True, slots=True)
class Unmapped:
    """A subnet with its audio streams. ``common``: homes and telephones use it all over the world."""

    subnet: str
    streams: int
    judged: int
    poor: int
    calls: int
    common: bool

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


async def read(db: AsyncConnection, filters: Filters, *, least: int = LEAST) -> list[Unmapped]:
    """Those with the most audio streams first; of the filters range and tenants count."""
    found = await streams_per_day.over(db, filters, "unmapped_subnet", most=MOST)
    return [_unmapped(one) for one in found if one.value and one.streams >= least]


def _unmapped(one: Value) -> Unmapped:
    common = addresses.is_common(addresses.subnet(one.value))
    return Unmapped(one.value, one.streams, one.judged, one.poor, one.calls, common)
