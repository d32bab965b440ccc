"""Poor and good streams of complete days, over time and by dimension: read from the daily counts."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.archive.daily.changed_days import day_of
from app.archive.daily.sums import ALL
from app.archive.queries.filters import Filters, of_tenants
from app.archive.schema.daily_tables import day_tallies, untallied_days

Dimension = Literal[
    "platform",
    "product_family",
    "client_version",
    "device",
    "connection_type",
    "wifi_band",
    "subnet",
    "transport",
    "relay",
    "codec",
    "tenant",
]

MOST = 200  # values that come at once
FEW = 20.0  # streams that are added to those of each value, all good, so that one poor stream is not the worst value
DAY = timedelta(days=1)
LAST = datetime.max.replace(tzinfo=UTC) - DAY  # there is no day after 9999-12-31

daily_counts, changed_days = day_tallies.c, untallied_days.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What some calls add up to."""

    streams: int = 0
    judged: int = 0  # good or poor
    poor: int = 0
    calls: int = 0
    poor_calls: int = 0

    @property
    def share(self) -> float | None:
        """Poor of the judged ones, 0 to 1; None where none was judged."""
        return self.poor / self.judged if self.judged else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Value(Counts):
    """One value of a dimension; the empty one is of calls and streams that have none."""

    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared(Value):
    """A value of a range, and its counts in the equally long range before."""

    before: Counts = Counts()


@dataclass(frozen=True, slots=True, kw_only=True)
class OnDay(Counts):
    start: datetime


def whole_days(filters: Filters) -> Filters:
    """The filters with the range extended to complete days (UTC): what `over` and `by_time` count."""
    since, until = filters.since, filters.until
    return replace(
        filters,
        since=None if since is None else _begin(since),
        until=None if until is None else _end(until),
    )


async def over(db: AsyncConnection, filters: Filters, dimension: Dimension, *, most: int = MOST) -> list[Value]:
    """The values that occur, those with the most streams first, ``most`` of them.

    ``calls`` and ``poor_calls`` of a value are those that the same filters find with the value in the dimension's
    filter, and with quality poor. Of the filters only range and tenants may be given.
    """
    value = daily_counts.tenant_id if dimension == "tenant" else daily_counts.value
    sums = _sums()
    wanted = select(value, *sums).where(*_within(filters, ALL if dimension == "tenant" else dimension))
    wanted = wanted.group_by(value).order_by(sums[0].desc(), sums[3].desc(), value).limit(most)
    return [Value(value=value, **_counts(numbers)) for value, *numbers in await db.execute(wanted)]


async def worst(db: AsyncConnection, filters: Filters, dimension: Dimension, *, most: int = MOST) -> list[Compared]:
    """The values with the highest shares of poor streams, ``most`` of them; values with few streams count less.

    The range must have both ends. Each value comes with its counts in the range before.
    """
    split, value = _both(filters), daily_counts.tenant_id if dimension == "tenant" else daily_counts.value
    sums, before = _sums(daily_counts.day >= split.day), _sums(daily_counts.day < split.day)
    judged, poor, calls = sums[1], sums[2], sums[3]
    wanted = select(value, *sums, *before)
    wanted = wanted.where(*_within(split.filters, ALL if dimension == "tenant" else dimension)).group_by(value)
    likely = poor / (judged + FEW)
    wanted = wanted.having(calls > 0).order_by(likely.desc(), calls.desc(), value).limit(most)
    return [
        Compared(value=name, **_counts(numbers[: len(NAMES)]), before=Counts(**_counts(numbers[len(NAMES) :])))
        for name, *numbers in await db.execute(wanted)
    ]


def before(filters: Filters) -> Filters:
    """The equally long range before, in complete days; ValueError where an end is missing."""
    whole = whole_days(filters)
    if whole.since is None or whole.until is None:
        raise ValueError("a range without both ends has none before it")
    return replace(whole, since=whole.since - (whole.until - whole.since), until=whole.since)


@dataclass(frozen=True, slots=True)
class _Both:
    """A range together with the one before, and the first day of the later one."""

    filters: Filters
    day: str


def _both(filters: Filters) -> _Both:
    whole, earlier = whole_days(filters), before(filters)
    assert whole.since is not None
    return _Both(replace(whole, since=earlier.since), day_of(whole.since))


async def by_time(
    db: AsyncConnection, filters: Filters, dimension: Dimension | None = None, value: str | None = None
) -> list[OnDay]:
    """Every day of the range, those without a call included; of one ``value`` of ``dimension``, or of all calls."""
    conditions = _within(filters, ALL if dimension in (None, "tenant") else dimension)
    if dimension is not None:
        conditions.append((daily_counts.tenant_id if dimension == "tenant" else daily_counts.value) == value)
    day = daily_counts.day
    wanted = select(day, *_sums()).where(*conditions).group_by(day).order_by(day)
    found = {day: _counts(numbers) for day, *numbers in await db.execute(wanted)}
    return [OnDay(start=start, **found.get(day_of(start), {})) for start in _days(filters, list(found))]


async def total(db: AsyncConnection, filters: Filters) -> Counts:
    """Of all calls of the range."""
    return Counts(**_counts((await db.execute(select(*_sums()).where(*_within(filters, ALL)))).one()))


async def uncounted(db: AsyncConnection, filters: Filters) -> list[str]:
    """The days of the range of which calls changed since they were counted; they are counted again soon."""
    day = changed_days.day
    wanted = select(day).where(*_range(filters, day)).distinct().order_by(day)
    return list((await db.execute(wanted)).scalars())


def _within(filters: Filters, dimension: str) -> list[ColumnElement[bool]]:
    allowed = {"since", "until", "tenant_id", "tenants"}
    if any(value is not None and name not in allowed for name, value in asdict(filters).items()):
        raise ValueError("daily counts can be filtered by days and tenants only")
    tenants = of_tenants(filters.visible(), daily_counts.tenant_id)
    return [daily_counts.dimension == dimension, *_range(filters, daily_counts.day), *tenants]


def _range(filters: Filters, day: ColumnElement[str]) -> list[ColumnElement[bool]]:
    whole = whole_days(filters)
    since = [] if whole.since is None else [day >= day_of(whole.since)]
    return since if whole.until is None else [*since, day < day_of(whole.until)]


def _sums(condition: ColumnElement[bool] | None = None) -> list[ColumnElement[int]]:
    """Of the rows that match; a sum of none is 0."""
    columns = (daily_counts[name] for name in NAMES)
    numbers = columns if condition is None else (case((condition, column), else_=0) for column in columns)
    return [func.coalesce(func.sum(number), 0) for number in numbers]


NAMES = ("streams", "judged", "poor", "calls", "poor_calls")


def _counts(numbers: Any) -> dict[str, int]:
    return dict(zip(NAMES, map(int, numbers), strict=True))


def _days(filters: Filters, found: list[str]) -> Iterator[datetime]:
    """From the range's first day to its last; where it is open, from or to the last of those found."""
    whole = whole_days(filters)
    first = whole.since or (_of(found[0]) if found else None)
    last = whole.until or (_of(found[-1]) + DAY if found else None)
    while first is not None and last is not None and first < last:
        yield first
        first += DAY


def _begin(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def _end(moment: datetime) -> datetime:
    begin = _begin(moment)
    return begin if begin == moment or begin > LAST else begin + DAY


def _of(day: str) -> datetime:
    return datetime.fromisoformat(day).replace(tzinfo=UTC)
