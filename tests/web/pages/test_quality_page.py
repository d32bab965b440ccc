"""/quality: its numbers equal those of the linked calls."""

from datetime import UTC, datetime, timedelta

import pytest

from app.archive.daily import count_job
from app.simulator.records import a_call_record as an_invented_record
from app.web.pages.quality import page
from app.web.pages.quality.page import Row
from tests.archive.records import a_call_record, a_media, a_segment, a_session, guid, kept, save
from tests.web.application import OTHER, TENANT, calling
from tests.web.auth.guarded import a_key
from tests.web.pages.html_text import rows, section, words

pytestmark = pytest.mark.anyio

HOSTILE = '<script>alert(1)</script>"\u202e\U0001d518' + "x" * 250


def invented(number, tenant):
    kinds = [{"poor": True}, {"participants": 5, "type": "groupCall"}, {"pstn": True}, {"no_sessions": True}]
    start = datetime.now(UTC) - timedelta(hours=7 * number + 1)
    return kept(an_invented_record(id=guid(number + 1), seed=number, start=start, **kinds[number % 4]), tenant=tenant)


@pytest.fixture
async def archive(database):
    """Two weeks of calls of two tenants, counted."""
    await save(database, *(invented(number, OTHER if number % 5 == 0 else TENANT) for number in range(40)))
    await count_job.settle(database, holder="test")


def bars(html, dimension):
    """Each value of a dimension: its cells and where it leads."""
    return rows(section(html, f"by-{dimension}"))[1:]


SHOWN = ["platform", "connection_type", "subnet", "codec", "client_version", "device"]


async def test_each_value_links_to_as_many_calls_as_it_shows(api, archive, subtests):
    for dimension in SHOWN:
        with subtests.test(dimension=dimension):
            html = (await api.get(f"/quality?range=30d&by={dimension}")).text
            found = bars(html, dimension)
            assert found
            for cells, (all_, poor) in found:
                poor_calls, calls = cells[-1].split(" of ")
                assert len((await api.get(all_.replace("/calls?", "/calls.csv?"))).text.splitlines()) - 1 == int(calls)
                assert len((await api.get(poor.replace("/calls?", "/calls.csv?"))).text.splitlines()) - 1 == int(
                    poor_calls
                )


async def test_each_dimension_first_shows_its_most_frequent_values(api, archive):
    html = (await api.get("/quality")).text
    assert len(bars(html, "subnet")) == page.SHORT
    assert 'href="/quality?range=30d&amp;by=subnet"' in html
    assert {name for name in page.DIMENSIONS if f'id="by-{name}"' in html} == set(page.DIMENSIONS)


async def test_a_key_of_one_tenant_sees_only_that_tenant(app, api, database, archive):
    async with calling(app, key=await a_key(database, "theirs", "read", OTHER)) as client:
        theirs = (await client.get("/quality")).text
    total = words((await api.get("/quality")).text)
    assert "of 40" in total
    assert "of 8" in words(theirs)
    assert TENANT not in theirs


async def test_a_period_without_counted_calls_says_so(api):
    assert "No calls are counted in this period." in words((await api.get("/quality")).text)


async def test_a_day_that_is_not_counted_yet_is_mentioned(api, database):
    await save(database, invented(1, TENANT))
    assert "1 day is being counted" in words((await api.get("/quality")).text)


async def test_a_hostile_name_is_text(api, database):
    media = a_media(callerDevice={"captureDeviceName": HOSTILE})
    now = datetime.now(UTC).isoformat()
    session = a_session(segments=[a_segment(media=[media])])
    await save(database, kept(a_call_record(startDateTime=now, endDateTime=now, sessions=[session]), tenant=TENANT))
    await count_job.settle(database, holder="test")
    html = (await api.get("/quality?by=device")).text
    assert "<script>alert" not in html
    assert "<script>alert(1)</script>" in words(html)


async def test_invalid_parameters_are_ignored(api, subtests):
    for query in ["range=1000000d", "by=nothing", "range=&by=", "by=tenant'--"]:
        with subtests.test(query=query):
            assert (await api.get(f"/quality?{query}")).status_code == 200


def test_the_widest_bar_is_the_highest_share_without_low_samples():
    many, few = a_value("many", 100, 20), a_value("few", 3, 3)
    shown = page.rows("platform", [many, few], page.Filters())
    assert [(row.value, row.width, row.is_few) for row in shown] == [("many", 100, False), ("few", 100, True)]
    assert isinstance(shown[0], Row)


def a_value(name, judged, poor):
    calls = judged // 10 + 1
    return page.Value(value=name, streams=judged, judged=judged, poor=poor, calls=calls, poor_calls=0)
