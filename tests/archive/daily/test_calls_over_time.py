"""Figures from the counts are those that all calls of the range add up to, whatever the range begins and ends with."""

from dataclasses import asdict
from datetime import UTC, datetime, timedelta

import pytest

from app.archive.daily import calls_over_time
from app.archive.daily.calls_over_time import Plan, planned
from app.archive.daily.fold import fold
from app.archive.queries import stats
from app.archive.queries.filters import Filters
from app.archive.schema.periods import begin_of, begin_of_day, hour_of
from tests.archive.daily.test_daily_counts import FIRST, OTHER, an_archive
from tests.archive.records import save

pytestmark = pytest.mark.anyio

DAY = timedelta(days=1)
BEGIN = datetime(2026, 2, 1, tzinfo=UTC)
H = hour_of(BEGIN)


def at(hours):
    return BEGIN + timedelta(hours=hours)


PLANS = [
    ((1.5, 1.75), "hour", [], Plan([(at(1.5), at(1.75))], [], [])),
    ((1, 3), "hour", [], Plan([], [(H + 1, H + 3)], [])),
    ((1.5, 50.5), "hour", [], Plan([(at(1.5), at(2)), (at(50), at(50.5))], [(H + 2, H + 50)], [])),
    ((1.5, 50.5), "day", [], Plan([(at(1.5), at(2)), (at(50), at(50.5))], [(H + 2, H + 24), (H + 48, H + 50)], [(H + 24, H + 48)])),
    ((0, 72), "day", ["2026-02-02"], Plan([(at(24), at(48))], [], [(H, H + 24), (H + 48, H + 72)])),
    ((30, 40), "day", ["2026-02-01", "2026-02-02", "2026-02-04"], Plan([(at(30), at(40))], [], [])),
]  # fmt: skip


@pytest.mark.parametrize(("within", "bucket", "waiting", "plan"), PLANS)
def test_each_part_of_a_range_is_read_once_from_the_largest_counts(within, bucket, waiting, plan):
    assert planned(at(within[0]), at(within[1]), bucket, waiting) == plan


def test_many_waiting_days_are_counted_as_one_range():
    waiting = ["2026-02-01", "2026-02-03", "2026-02-05", "2026-02-07"]
    plan = planned(BEGIN, BEGIN + 8 * DAY, "day", waiting)
    assert plan == Plan([(BEGIN, begin_of_day("2026-02-08"))], [], [(H + 7 * 24, H + 8 * 24)])
    assert begin_of(plan.days[0][0]) == begin_of_day("2026-02-08")


def figures(buckets):
    """Rounded to what a page shows of them: the counts have milliseconds."""

    def rounded(counts):
        return asdict(counts) | {"seconds": round(counts.seconds, 1)}

    return [(one.start, rounded(one.all), {value: rounded(of) for value, of in one.by.items()}) for one in buckets]


async def test_the_counts_say_what_the_calls_say(database, subtests):
    records = list(an_archive())
    await save(database, *records[::2])
    await fold(database)
    await save(database, *records[1::2], *records[:5])
    ranges = [(FIRST, FIRST + DAY), (FIRST - DAY / 2, FIRST + 3 * DAY), (FIRST + DAY / 41, FIRST + DAY * 1.77)]
    for (since, until), bucket, by, tenants in [
        (ranges[0], "hour", "platform", None),
        (ranges[1], "day", "modality", None),
        (ranges[1], "hour", "failed", [OTHER]),
        (ranges[2], "day", "tenant", None),
        (ranges[2], "hour", "rating", None),
        (ranges[2], "day", "audio_codec", [OTHER]),
    ]:
        with subtests.test(by=by):
            within = Filters(since=since, until=until, tenants=tenants)
            async with database.snapshot() as db:
                found = figures(await calls_over_time.counted(db, within, bucket, by))
                wanted = figures(await stats.counted(db, within, bucket, by))
            assert found == wanted
            assert sum(counts["calls"] for _, counts, _ in found) > 2
