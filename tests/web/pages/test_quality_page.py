"""/quality: its numbers equal those of the linked calls."""

import csv
import io
import re
from datetime import UTC, datetime, timedelta

import pytest

from app.archive.daily import count_job
from app.archive.daily.streams_per_day import Compared
from app.archive.queries.filters import Filters
from app.simulator.records import a_call_record as an_invented_record
from app.web.pages.quality import page, rows
from app.web.pages.quality.rows import Periods
from app.web.pages.shared import formatting
from tests.archive.records import a_call_record, a_media, a_segment, a_session, guid, kept, save
from tests.some import some
from tests.web.application import OTHER, TENANT, calling
from tests.web.auth.guarded import a_key
from tests.web.pages.html_text import rows as table_rows
from tests.web.pages.html_text import section, words

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
    return table_rows(section(html, f"by-{dimension}"))[1:]


SHOWN = ["platform", "connection_type", "subnet", "codec", "client_version", "device"]


async def test_each_value_links_to_as_many_calls_as_it_shows(api, archive, subtests):
    for dimension in SHOWN:
        with subtests.test(dimension=dimension):
            html = (await api.get(f"/quality?range=7d&by={dimension}")).text
            found = bars(html, dimension)
            assert found
            for cells, (all_, *before, poor) in found:
                poor_calls, calls = cells[-1].split(" of ")
                assert await calls_of(api, all_) == int(calls)
                assert await calls_of(api, poor) == int(poor_calls)
                assert 0 not in [await calls_of(api, link) for link in before]


async def calls_of(api, link):
    """The number of calls on the page that a link leads to."""
    return len((await api.get(link.replace("/calls?", "/calls.csv?"))).text.splitlines()) - 1


async def test_each_dimension_first_shows_a_few_values_and_all_bars_have_one_scale(api, archive):
    html = (await api.get("/quality")).text
    for dimension in SHOWN:
        assert 0 < len(bars(html, dimension)) <= page.SHORT
    assert len(set(re.findall(r'<svg class="axis".*?</svg>', html))) == 1
    assert 'href="/quality?range=30d&amp;by=subnet"' in html


async def test_a_dimension_with_one_value_is_folded(api, archive):
    html = (await api.get("/quality")).text
    assert 'aria-labelledby="by-product_family"' not in html
    assert "Product: Teams" in words(html)


async def test_the_csv_has_the_rows_of_the_page(api, archive):
    answer = await api.get("/quality.csv?range=30d&by=subnet")
    lines = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    shown = [cells[0] for cells, _ in bars((await api.get("/quality?range=30d&by=subnet")).text, "subnet")]
    assert [line["value"] or "not reported" for line in lines] == shown
    assert {line["dimension"] for line in lines} == {"subnet"}
    rated = [line for line in lines if line["share"]]
    assert all(float(line["share_low"]) <= float(line["share"]) for line in some(rated))


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
    assert "<script>alert(1)</script>" in words(html.replace("<wbr>", ""))


async def test_invalid_parameters_are_ignored(api, subtests):
    for query in ["range=1000000d", "by=nothing", "range=&by=", "by=tenant'--"]:
        with subtests.test(query=query):
            assert (await api.get(f"/quality?{query}")).status_code == 200


def test_a_bar_is_as_long_as_its_share_on_the_scale_of_all_tables():
    periods = Periods(Filters(), Filters())
    tables = [rows.rows("platform", [value], value, periods) for value in (a_value("a", 100, 1), a_value("b", 200, 90))]
    scale = rows.scale(tables)
    assert [tick.text for tick in scale.ticks] == ["0 %", "25 %", "50 %"]
    assert [scale.percent(row.counts.share) for table in tables for row in table] == [2, 90]


def test_a_value_with_one_poor_call_is_below_one_with_many():
    values = [a_value("once", 2, 2), a_value("often", 400, 300), a_value("never", 400, 0), a_value("silent", 0, 0)]
    shown = rows.rows("device", values, a_value("all", 1000, 300), Periods(Filters(), Filters()))
    assert [(row.value, row.verdict) for row in shown] == [
        ("often", "worse"),
        ("once", "unclear"),
        ("never", "better"),
        ("silent", "unclear"),
    ]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("10.150.151.0/24", ["10.150.151.0/24"]),
        ("SILK wideband", ["SILK ", "wideband"]),
        ("releases/CL2026.R07-with-a-long-tail", ["releases/", "CL2026.R07-", "with-", "a-", "long-", "tail"]),
    ],
)
def test_a_line_ends_only_behind_a_sign_of_a_long_word(text, parts):
    assert formatting.breakable(text) == parts


def a_value(name, judged, poor):
    return Compared(value=name, streams=judged, judged=judged, poor=poor, calls=judged // 4, poor_calls=0)
