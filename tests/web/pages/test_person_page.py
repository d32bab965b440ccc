"""/people/{id}: a person's calls and the common factors of the poor ones, within the caller's tenants."""

from datetime import UTC, datetime, timedelta

import pytest

from app.web.pages.people import page
from tests.archive.records import (
    a_call_between,
    a_media,
    a_stream,
    an_identity,
    guid,
    kept,
    save,
)
from tests.web.application import OTHER, TENANT, calling
from tests.web.auth.guarded import a_key
from tests.web.pages.html_text import section, words

pytestmark = pytest.mark.anyio

HOSTILE = "<script>alert(1)</script> \"'\u202e\U0001d518" + "x" * 250
ADA = an_identity(id=guid(0xADA), displayName=HOSTILE, userPrincipalName="ada@contoso.example")
BEA = an_identity(id=guid(0xBEA), displayName="Bea", userPrincipalName="bea@contoso.example")


def a_call(days_ago, *, network, poor):
    start = datetime.now(UTC) - timedelta(days=days_ago, hours=1)
    streams = [a_stream(averageJitter="PT0.2S" if poor else "PT0.01S", packetUtilization=5000)]
    media = a_media(
        callerNetwork={"connectionType": network}, calleeNetwork={"connectionType": "wired"}, streams=streams
    )
    times = {"startDateTime": start.isoformat(), "endDateTime": (start + timedelta(minutes=9)).isoformat()}
    return kept(a_call_between(ADA, BEA, media, **times), tenant=TENANT)


@pytest.fixture
async def archive(database):
    await save(database, *(a_call(day, network="wifi", poor=True) for day in range(6)))
    await save(database, *(a_call(day, network="wired", poor=False) for day in range(6)))


@pytest.mark.parametrize("known_by", [guid(0xADA), "ADA@contoso.example"])
async def test_a_person_is_found_by_id_and_by_address(api, archive, known_by):
    html = (await api.get(f"/people/{known_by}")).text
    assert "Calls 12" in words(html)
    assert "50 %" in words(html)


async def test_common_factors_of_poor_calls_are_shown_with_labels(api, archive):
    said = words(section((await api.get(f"/people/{guid(0xADA)}")).text, "common"))
    assert "Connection Wi-Fi : 100 % of streams poor, 0 % without it (6 calls)" in said


async def test_a_hostile_name_is_text(api, archive):
    html = (await api.get(f"/people/{guid(0xADA)}")).text
    assert "<script>alert" not in html
    assert "alert(1)" in words(html)


async def test_a_person_of_another_tenant_is_not_found(app, database, archive):
    async with calling(app, key=await a_key(database, "theirs", "read", OTHER)) as client:
        answer = await client.get(f"/people/{guid(0xADA)}", headers={"Accept": "text/html"})
    assert answer.status_code == 404
    assert "No archived call" in words(answer.text)


async def test_an_unknown_person_is_not_found(api, archive, subtests):
    for known_by in ["nobody", "+49 30 1234", "x" * 250, "%3Cscript%3E", "..%2f..%2fetc"]:
        with subtests.test(known_by=known_by):
            assert (await api.get(f"/people/{known_by}")).status_code == 404


async def test_a_period_without_calls_says_so(api, database):
    await save(database, a_call(80, network="wifi", poor=True))
    assert "No calls in this period." in words((await api.get(f"/people/{guid(0xADA)}?range=30d")).text)


def test_a_call_counts_in_the_week_it_began():
    since = datetime(2026, 3, 1, tzinfo=UTC)
    days = [page.OnDay(since + timedelta(days=day), 2, 1) for day in (0, 6, 7)]
    chart = page.weeks_chart(days, since, since + timedelta(days=20), "ada@contoso.example")
    assert [row[1:] for row in chart.rows] == [["4", "2"], ["2", "1"]]
    assert [bar.kind for bar in chart.bars] == ["", "", "poor", "poor"]
