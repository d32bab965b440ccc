"""The diagnosis on the pages of a call and of a person: as text, with the summary to copy, folded where it is long."""

import re
from html import unescape

import pytest

from app.archive.schema.tables import call_records
from app.simulator.records import a_call_record
from tests.archive.diagnosis.calls import LOSS, WIFI_24, a_call
from tests.archive.records import guid, save
from tests.web.pages.browser_client import signed_in

pytestmark = pytest.mark.anyio

POOR = a_call(id=guid(0xD1), ada=WIFI_24, to_bea=LOSS)
SUMMARY = re.compile(r'<pre id="summary"[^>]*><bdi>(.*?)</bdi></pre>', re.DOTALL)


@pytest.fixture
async def browser(app):
    async with signed_in(app) as browser:
        yield browser


async def test_people_with_the_same_sentence_are_named_together(browser, database):
    await save(database, POOR)
    page = unescape((await browser.get(f"/calls/{POOR['id']}")).text)
    assert "2 people affected" in page
    assert page.count('<p class="sentence">') == 1
    assert re.search(r"Wi-Fi on 2.4 GHz <span class=\"quiet\"><bdi>Ada Ashgrove's side</bdi>, high confidence", page)
    assert "<td>limit 10 %</td>" in page


async def test_the_summary_has_the_times_with_offset_and_the_link(browser, database):
    await save(database, POOR)
    browser.cookies.set("callkeeper_zone", "Europe/Berlin")
    lines = unescape(SUMMARY.search((await browser.get(f"/calls/{POOR['id']}")).text)[1]).splitlines()
    assert lines[0] == "Call from 2026-03-02 09:00 +01:00 to 2026-03-02 09:12 +01:00."
    assert lines[1].startswith("Ada Ashgrove's Wi-Fi: 2.4 GHz")
    assert lines[2] == f"https://we.example/calls/{POOR['id']}"


async def test_a_good_call_has_no_diagnosis(browser, database):
    good = a_call(id=guid(0xD2))
    await save(database, good)
    assert 'id="diagnosis"' not in (await browser.get(f"/calls/{good['id']}")).text


async def test_many_findings_are_folded(browser, database):
    meeting = a_call_record(id=guid(0xD3), seed=7, type="groupCall", participants=40, sessions=40, poor_sessions=8)
    await save(database, meeting)
    page = (await browser.get(f"/calls/{meeting['id']}")).text
    assert "8 people affected" in page
    assert "5 more findings" in page
    assert "And 3 more people." in SUMMARY.search(page)[1]


async def test_the_page_of_a_person_counts_the_causes(browser, database):
    await save(database, POOR)
    who = POOR["sessions"][0]["caller"]["associatedIdentity"]["id"]
    page = (await browser.get(f"/people/{who}?range=365d")).text
    assert "1 of 1 poor calls: Wi-Fi on 2.4 GHz" in page


async def test_a_call_that_is_not_derived_again_yet_is_shown(browser, database):
    await save(database, POOR)
    async with database.begin() as db:
        await db.execute(call_records.update().values(participants_seen=None))
    assert "2 people affected" in (await browser.get(f"/calls/{POOR['id']}")).text
