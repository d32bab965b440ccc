"""How a call ended, on its page, in the list, in its CSV file and in `/api/calls`."""

import csv
import io

import pytest
from sqlalchemy import update

from app.archive.outcomes.words import OUTCOMES
from app.archive.schema.outcome_tables import voice_apps
from app.simulator.calls import KINDS
from app.simulator.records import a_call_record as invented
from app.web.pages.shared import outcome_words
from tests.archive.records import TENANT, guid, save
from tests.web.pages.browser_client import signed_in
from tests.web.pages.html_text import words

pytestmark = pytest.mark.anyio


@pytest.fixture
async def browser(app):
    async with signed_in(app) as browser:
        yield browser


def a_call(kind, number):
    return invented(id=guid(number), seed=7, tenant_id=TENANT, **KINDS[kind])


@pytest.fixture
async def archive(database):
    await save(database, a_call("queue", 1), a_call("queue_missed", 2), a_call("groupCall", 3))
    async with database.begin() as db:
        of = voice_apps.c
        await db.execute(update(voice_apps).where(of.kind == "call_queue").values(name="Support"))
        await db.execute(update(voice_apps).where(of.kind == "auto_attendant").values(name="Reception"))


async def test_a_call_shows_its_way_its_outcome_and_how_sure_that_is(archive, browser, api):
    page = words((await browser.get(f"/calls/{guid(1)}")).text)
    call = (await api.get(f"/api/calls/{guid(1)}")).json()
    menu, queue, agent = call["voice_apps"]
    assert (menu["name"], queue["name"], queue["agents_offered"]) == ("Reception", "Support", 3)
    assert "Auto attendant Reception → queue Support , waited" in page.replace(" ,", " ,")
    assert f"3 agents offered → answered by {agent['name']}" in page
    assert "An agent has a session that is longer than zero; medium confidence" in page
    assert (call["outcome"], call["outcome_basis"], call["outcome_confidence"], call["outcome_provisional"]) == (
        *("answered", "agent_session", "medium"),
        False,
    )
    assert call["direction"] == "inbound"
    missed = words((await browser.get(f"/calls/{guid(2)}")).text)
    assert "not answered provisional inbound" in missed
    assert "A later version may say more." in missed


async def test_the_list_is_filtered_by_outcome_direction_and_telephone(archive, browser, api, subtests):
    for query, expected in (
        ("outcome=answered", {1}),
        ("outcome=not_answered", {2}),
        ("direction=inbound", {1, 2}),
        ("pstn=false", {3}),
        ("outcome=answered&pstn=false", set()),
    ):
        with subtests.test(query=query):
            text = (await browser.get(f"/calls?{query}")).text
            assert {number for number in (1, 2, 3) if f'data-call="{guid(number)}"' in text} == expected
            items = (await api.get(f"/api/calls?{query}")).json()["items"]
            assert {one["id"] for one in items} == {guid(number) for number in expected}
    assert "must be one of answered" in (await browser.get("/calls?outcome=lost")).text
    assert (await api.get("/api/calls?outcome=lost")).status_code == 422
    page = (await browser.get("/calls")).text
    assert '<span class="outcome missed">not answered</span>' in page
    assert '<span class="outcome reached">answered</span>' in page


async def test_a_csv_file_has_the_columns_of_an_outcome(archive, browser):
    rows = csv.DictReader(io.StringIO((await browser.get("/calls.csv?outcome=answered")).text.lstrip("\ufeff")))
    (row,) = rows
    assert {name: row[name] for name in ("outcome", "outcome_basis", "outcome_confidence", "direction", "pstn")} == {
        "outcome": "answered",
        "outcome_basis": "agent_session",
        "outcome_confidence": "medium",
        "direction": "inbound",
        "pstn": "true",
    }


async def test_calls_are_counted_by_outcome(archive, api):
    total = (await api.get("/api/stats?by=outcome")).json()["total"]
    assert {one["value"]: one["calls"] for one in total["by"]} == {"answered": 1, "not_answered": 1, "unknown": 1}


def test_every_outcome_has_its_words():
    assert set(outcome_words.OUTCOMES) == set(OUTCOMES)
