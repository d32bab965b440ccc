"""/telephony and the rows that its numbers link to."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest

from app.access import keys
from tests.web.api.test_telephony import direct, pstn, stored
from tests.web.application import calling
from tests.web.pages.browser_client import signed_in

pytestmark = pytest.mark.anyio


def of_yesterday(item):
    yesterday = (datetime.now(UTC) - timedelta(days=2)).strftime("%Y-%m-%d")
    return {
        name: value.replace("2026-03-02", yesterday) if isinstance(value, str) else value
        for name, value in item.items()
    }


@pytest.fixture
async def recent(database):
    missed = direct(30, 487, callType="ByotIn", callerNumber="+4512345678", calleeNumber="+4533004417")
    await stored(database, "direct_routing", *map(of_yesterday, (direct(1), direct(2), direct(3, 486), missed)))
    await stored(database, "pstn", *map(of_yesterday, (pstn(1), pstn(2, currency="USD", charge=1.0012))))


async def test_the_page_shows_trunks_missed_calls_and_cost_and_its_numbers_lead_to_their_rows(app, recent):
    async with signed_in(app) as client:
        shown = (await client.get("/telephony?cost=destination")).text
        assert "100.0 %" in shown  # NER: two answered, one busy, one cancelled
        assert "few calls" in shown
        assert "+4512345678" in shown
        assert re.search(r"0\.04</td><td[^>]*>EUR", shown)
        assert re.search(r"1\.0012</td><td[^>]*>USD", shown)
        (busy,) = re.findall(r'href="(/telephony/calls[^"]*sip_code=486[^"]*)"', shown)
        rows = (await client.get(unescape(busy))).text
        assert rows.count("486 ") == 1
        as_csv = await client.get(unescape(busy).replace("/calls?", "/calls.csv?"))
        assert len(as_csv.text.splitlines()) == 2


async def test_the_number_of_a_sip_code_leads_to_rows_of_its_direction_and_sub_code_alone(app, recent, database):
    others = direct(40, 486, callType="ByotIn"), direct(41, 486, callEndSubReason=510486)
    await stored(database, "direct_routing", *map(of_yesterday, others))
    async with signed_in(app) as client:
        shown = (await client.get("/telephony")).text
        links = re.findall(r'href="(/telephony/calls[^"]*sip_code=486[^"]*)"', shown)
        found = [
            len((await client.get(unescape(one).replace("calls?", "calls.csv?"))).text.splitlines()) for one in links
        ]
    assert found == [2, 2, 2]  # a head, and a row


async def test_a_users_cost_leads_to_their_rows_in_the_pstn_log(app, recent):
    async with signed_in(app) as client:
        shown = (await client.get("/telephony")).text
        link, *_ = re.findall(r'href="(/telephony/calls[^"]*user=[^"]*)"', shown)
        assert "log=pstn" in link
        rows = (await client.get(unescape(link))).text
    assert rows.count("Mira Holm") == 2
    assert "0.04 EUR" in rows


@pytest.mark.parametrize("wrong", ["direction=up", "sip_code=busy", "sub_code=-1"])
async def test_a_filter_of_rows_that_is_wrong_is_refused(app, wrong):
    async with signed_in(app) as client:
        answer = await client.get(f"/telephony/calls?{wrong}")
        assert (answer.status_code, wrong.partition("=")[0] in answer.text) == (422, True)


async def test_without_rows_the_page_says_so(app):
    async with signed_in(app) as client:
        shown = (await client.get("/telephony?range=7d")).text
        assert "The Direct Routing log has no calls in this period." in shown
        assert (await client.get("/telephony?trunk=x")).status_code == 400


async def test_a_key_for_a_site_is_refused(app, recent, database):
    async with database.begin() as db:
        key = await keys.create(db, "site", "read", None, datetime(2026, 3, 3, tzinfo=UTC), sites=["AAR-2"])
    async with calling(app, key=key) as client:
        for path in ("/telephony", "/telephony/calls", "/telephony/calls.csv"):
            assert (await client.get(path)).status_code == 403
