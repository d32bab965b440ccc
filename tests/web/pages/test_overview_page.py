"""/: whether Callkeeper collects, which action is needed, and the calls of the chosen period."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from app.archive.daily import calls_per_day
from app.archive.daily.fold import fold
from app.archive.queries.filters import Filters
from app.archive.queries.stats import counted
from app.web.pages.operations import activity
from app.web.pages.shared.time_zones import UTC as ZONE
from tests.archive.records import a_call_record, guid, kept, save
from tests.web.api.test_inbox_route import fail, put
from tests.web.application import OTHER, TENANT, subscribed
from tests.web.auth.guarded import a_key
from tests.web.pages.browser_client import signed_in

pytestmark = pytest.mark.anyio
DAY = timedelta(days=1)


@pytest.fixture
async def browser(app):
    async with signed_in(app) as browser:
        yield browser


def a_call(start):
    return a_call_record(id=guid(), startDateTime=start.isoformat(), endDateTime=start.isoformat())


async def test_without_a_subscription_it_says_what_to_do(browser):
    page = (await browser.get("/")).text
    assert "Action needed" in page
    assert "Collecting</span>" not in page


async def test_an_active_subscription_shows_its_remaining_lifetime_as_a_bar(browser, database):
    await subscribed(database)
    page = (await browser.get("/")).text
    assert re.search(r"aria-label=\"6[78] % of the maximum lifetime left\"", page)


@pytest.mark.parametrize(("scope", "said"), [("admin", "/inbox?state=failed"), ("read", "An administrator can review")])
async def test_a_refused_record_is_shown_with_what_to_do(app, database, scope, said):
    call_id = guid()
    await put(database, call_id)
    await fail(database, call_id)
    async with signed_in(app, await a_key(database, "reports", scope, TENANT)) as browser:
        page = (await browser.get("/")).text
    assert "1 call record failed." in page
    assert said in page


async def test_an_empty_archive_says_when_the_first_call_appears(browser):
    assert "No calls are archived yet." in (await browser.get("/")).text


async def test_each_range_counts_the_calls_of_its_time(browser, database, subtests):
    now = datetime.now(UTC)
    await save(database, *(a_call(now - ago) for ago in (timedelta(minutes=1), 3 * DAY, 20 * DAY, 80 * DAY, 200 * DAY)))
    for chosen in ["24h", "7d", "30d", "90d", "nonsense"]:
        with subtests.test(chosen=chosen):
            summary = re.search(r": (\d+) in total<", (await browser.get("/", params={"range": chosen})).text)
            assert int(summary[1]) == {"24h": 1, "7d": 2, "30d": 3, "90d": 4}.get(chosen, 1)


async def test_charts_exclude_calls_of_other_tenants(app, database):
    await save(database, kept(a_call(datetime.now(UTC)), tenant=OTHER))
    async with signed_in(app, await a_key(database, "reports", "read", TENANT)) as browser:
        for chosen in ("24h", "30d"):
            assert ": 0 in total" in (await browser.get("/", params={"range": chosen})).text


async def test_daily_counts_equal_counting_the_calls(database):
    begin = datetime(2026, 2, 1, 12, tzinfo=UTC)
    await save(database, *(a_call(begin + day * DAY) for day in (0, 0, 1, 3, 5, 7, 9)))
    whole = Filters(since=begin.replace(hour=0), until=begin.replace(hour=0) + 11 * DAY)

    async def both():
        async with database.reading() as db:
            return [
                [(one.start, one.all.calls, one.all.streams, one.all.poor_streams) for one in found]
                for found in (await calls_per_day.counted(db, whole), await counted(db, whole, "day", None))
            ]

    before, wanted = await both()
    assert before == wanted
    await fold(database)
    assert (await both())[0] == wanted
    await save(database, *(a_call(begin + day * DAY) for day in (0, 4)))
    after, more = await both()
    assert after == more != wanted


def test_a_bar_of_few_streams_is_grey_and_a_bar_without_streams_is_omitted():
    start = datetime(2026, 3, 1, tzinfo=UTC)
    buckets = [
        activity.Counted(
            start + place * timedelta(hours=1), activity.Counts(calls=1, streams=streams, poor_streams=1), {}
        )
        for place, streams in enumerate((10, 40, 0))
    ]
    chart = activity.poor_chart(buckets, ZONE)
    assert [bar.kind for bar in chart.bars] == ["few", ""]
    assert [row[-1] for row in chart.rows] == ["10 %", "2.5 %"]
    assert "quality=poor" in chart.bars[0].href
