"""Poor and good streams of complete days, over time and by dimension: read from the daily counts."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, Table, case, func, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from app.archive.daily import older_counts
from app.archive.daily.contribution import ALL
from app.archive.queries.filters import Filters, of_tenants
from app.archive.schema.count_tables import count_changes, day_counts
from app.archive.schema.daily_tables import call_tallies, day_tallies
from app.archive.schema.periods import DAY, day_of, day_of_hour

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
    "site",
    "network",
    "inside",
    "wired",
    "vpn",
    "access_point",
    "tenant",
]

Counted = Dimension | Literal["unmapped_subnet"]
"""A dimension, or a list of values by which no calls can be found."""

MOST = 200  # values that come at once
CHANGES = 10_000  # that are looked at to find their days
FEW = 20.0  # streams that are added to those of each value, all good, so that one poor stream is not the worst value
LAST = datetime.max.replace(tzinfo=UTC) - DAY  # there is no day after 9999-12-31


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


async def over(db: AsyncConnection, filters: Filters, dimension: Counted, *, most: int = MOST) -> list[Value]:
    """The values that occur, those with the most streams first, ``most`` of them.

    ``calls`` and ``poor_calls`` of a value are those that the same filters find with the value in the dimension's
    filter, and with quality poor. Of the filters only range and tenants may be given.
    """
    counts = await _counts_of(db, filters, ALL if dimension == "tenant" else dimension)
    value = counts.tenant_id if dimension == "tenant" else counts.value
    sums = _sums(counts)
    wanted = select(value, *sums).group_by(value).order_by(sums[0].desc(), sums[3].desc(), value).limit(most)
    return [Value(value=value, **_counts(numbers)) for value, *numbers in await db.execute(wanted)]


async def worst(db: AsyncConnection, filters: Filters, dimension: Dimension, *, most: int = MOST) -> list[Compared]:
    """The values with the highest shares of poor streams, ``most`` of them; values with few streams count less.

    The range must have both ends. Each value comes with its counts in the range before.
    """
    split = _both(filters)
    counts = await _counts_of(db, split.filters, ALL if dimension == "tenant" else dimension)
    value = counts.tenant_id if dimension == "tenant" else counts.value
    sums, before = _sums(counts, counts.day >= split.day), _sums(counts, counts.day < split.day)
    judged, poor, calls = sums[1], sums[2], sums[3]
    wanted = select(value, *sums, *before).group_by(value)
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
    counts = await _counts_of(db, filters, ALL if dimension in (None, "tenant") else dimension)
    wanted = select(counts.day, *_sums(counts)).group_by(counts.day).order_by(counts.day)
    if dimension is not None:
        wanted = wanted.where((counts.tenant_id if dimension == "tenant" else counts.value) == value)
    found = {day: _counts(numbers) for day, *numbers in await db.execute(wanted)}
    return [OnDay(start=start, **found.get(day_of(start), {})) for start in _days(filters, list(found))]


async def total(db: AsyncConnection, filters: Filters) -> Counts:
    """Of all calls of the range."""
    counts = await _counts_of(db, filters, ALL)
    return Counts(**_counts((await db.execute(select(*_sums(counts)))).one()))


async def uncounted(db: AsyncConnection, filters: Filters) -> list[str]:
    """The days of the range with calls that are not counted yet: for seconds, or for longer after an upgrade."""
    whole, c = whole_days(filters), count_changes.c
    some = select(c.hour).order_by(c.key).limit(CHANGES).subquery()
    hours = (await db.execute(select(some.c.hour).distinct())).scalars()
    changed = {day_of_hour(hour) for hour in hours}
    first, last = [None if at is None else day_of(at) for at in (whole.since, whole.until)]
    changed = {day for day in changed if (first is None or day >= first) and (last is None or day < last)}
    return sorted(changed.union(await older_counts.waiting(db, _range(filters, call_tallies.c.day))))


async def older_days(db: AsyncConnection, filters: Filters) -> list[str]:
    """The days of the range that are read from what an older program counted."""
    return await older_counts.better(db, await older_counts.waiting(db, _range(filters, call_tallies.c.day)))


async def _counts_of(db: AsyncConnection, filters: Filters, dimension: str | None) -> Any:
    """The columns of the counts of a dimension, within the filters.

    After an upgrade, the days whose calls are still to be moved are read from what the older program counted.
    """
    allowed = {"since", "until", "tenant_id", "tenants"}
    if any(value is not None and name not in allowed for name, value in asdict(filters).items()):
        raise ValueError("daily counts can be filtered by days and tenants only")
    older = await older_days(db, filters)
    new = _within(day_counts, filters, dimension)
    if not older:
        return new.subquery().c
    old = _within(day_tallies, filters, dimension).where(day_tallies.c.day.in_(older))
    return union_all(new.where(day_counts.c.day.not_in(older)), old).subquery().c


def _within(table: Table, filters: Filters, dimension: str | None) -> Select[Any]:
    wanted = select(*(table.c[name] for name in ("day", "tenant_id", "value", *NAMES)))
    tenants = of_tenants(filters.visible(), table.c.tenant_id)
    return wanted.where(table.c.dimension == dimension, *_range(filters, table.c.day), *tenants)


def _range(filters: Filters, day: ColumnElement[str]) -> list[ColumnElement[bool]]:
    whole = whole_days(filters)
    since = [] if whole.since is None else [day >= day_of(whole.since)]
    return since if whole.until is None else [*since, day < day_of(whole.until)]


def _sums(counts: Any, condition: ColumnElement[bool] | None = None) -> list[ColumnElement[int]]:
    """Of the rows that match; a sum of none is 0."""
    columns = (counts[name] for name in NAMES)
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
