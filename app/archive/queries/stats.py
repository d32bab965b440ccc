"""How many calls, minutes, people and poor streams: counted from the calls' own rows, by the hour or the day."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any, Literal, get_args

import orjson
from sqlalchemy import ColumnElement, Text, case, cast, func, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.archive.queries.filters import Filters
from app.archive.schema.dimensions import OF_SITES
from app.archive.schema.tables import call_records
from app.db import begin_of

Bucket = Literal["hour", "day"]
By = Literal[
    "type",
    "modality",
    "quality",
    "failed",
    "rating",
    "outcome",
    "direction",
    "pstn",
    "tenant",
    "platform",
    "product_family",
    "connection_type",
    "wifi_band",
    "audio_codec",
    "site",
    "network",
    "inside",
    "wired",
    "vpn",
    "access_point",
    "department",
]

STEP: dict[str, timedelta] = {"hour": timedelta(hours=1), "day": timedelta(days=1)}
LISTS = {
    "modality": "modalities",
    "platform": "platforms",
    "product_family": "product_families",
    "connection_type": "connection_types",
    "wifi_band": "wifi_bands",
    "audio_codec": "audio_codecs",
    **{dimension: columns[0] for dimension, columns in OF_SITES.items() if columns},
}
COLUMNS = {by: LISTS.get(by, by) for by in get_args(By) if by != "department"} | {"tenant": "tenant_id"}

c = call_records.c


@dataclass(slots=True)
class Counts:
    calls: int = 0
    seconds: float = 0.0
    participants: int = 0
    failed: int = 0
    poor: int = 0
    streams: int = 0
    poor_streams: int = 0

    def add(self, other: "Counts") -> None:
        for name in _NAMES:
            setattr(self, name, getattr(self, name) + getattr(other, name))


# Of one call, in the order of Counts.
NUMBERS: tuple[ColumnElement[Any], ...] = (
    literal(1),
    func.coalesce(c.duration_seconds, 0.0),
    func.coalesce(c.participants_seen, c.participant_count),
    case((c.failed == literal(True), 1), else_=0),  # noqa: FBT003 -- SQL's
    case((c.quality == "poor", 1), else_=0),
    c.stream_count,
    c.poor_stream_count,
)
_NAMES = tuple(field.name for field in fields(Counts))


@dataclass(slots=True)
class Counted:
    """One hour or day, or all of them."""

    start: datetime
    all: Counts
    by: dict[str | None, Counts]
    """A call counts under each value it has; those that have none, under None."""


def begin(moment: datetime, bucket: Bucket) -> datetime:
    """When the hour or day began that the moment is in."""
    whole = moment.replace(minute=0, second=0, microsecond=0)
    return whole if bucket == "hour" else whole.replace(hour=0)


def starts(since: datetime, until: datetime, bucket: Bucket) -> Iterator[datetime]:
    """Every hour or day from that of ``since`` to before ``until``."""
    start = begin(since, bucket)
    while start < until:
        yield start
        start += STEP[bucket]


async def counted(db: AsyncConnection, filters: Filters, bucket: Bucket, by: By | None) -> list[Counted]:
    """Every bucket of the range, those without a call included. Departments: see archive.daily.departments."""
    assert filters.since is not None
    assert filters.until is not None
    found = {start: Counted(start, Counts(), {}) for start in starts(filters.since, filters.until, bucket)}
    for start, value, counts in await _grouped(db, filters, bucket, by):
        here = found[start]
        here.all.add(counts)
        for one in _values(value, by):
            here.by.setdefault(one, Counts()).add(counts)
    return list(found.values())


def summed(buckets: Iterable[Counted], start: datetime) -> Counted:
    """All of them as one."""
    total, by = Counts(), defaultdict[str | None, Counts](Counts)
    for bucket in buckets:
        total.add(bucket.all)
        for value, counts in bucket.by.items():
            by[value].add(counts)
    return Counted(start, total, dict(by))


async def _grouped(
    db: AsyncConnection, filters: Filters, bucket: Bucket, by: By | None
) -> list[tuple[datetime, str | None, Counts]]:
    """Calls with the same set of values are one group: there are few such sets."""
    start = begin_of(bucket, c.ordered_at).label("bucket")
    value: ColumnElement[Any] = literal(None, Text()) if by is None else cast(c[COLUMNS[by]], Text)
    wanted = select(start, value.label("value"), *_sums()).where(*filters.conditions()).group_by("bucket", "value")
    return [(at, of, Counts(*numbers)) for at, of, *numbers in await db.execute(wanted)]


def _sums() -> list[ColumnElement[Any]]:
    return [func.coalesce(func.sum(number), 0) for number in NUMBERS]


def _values(value: str | None, by: By | None) -> list[str | None]:
    if by is None:
        return []
    if by in LISTS:
        return (orjson.loads(value) if value else None) or [None]
    if by in ("failed", "pstn"):
        return ["true" if value in ("1", "true") else "false"]
    return [value]
