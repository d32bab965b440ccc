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
        assert re.search(r"0\.04</td><td>EUR", shown)
        assert re.search(r"1\.0012</td><td>USD", shown)
        (busy,) = re.findall(r'href="(/telephony/calls[^"]*sip_code=486)"', shown)
        rows = (await client.get(unescape(busy))).text
        assert rows.count("486 ") == 1
        as_csv = await client.get(unescape(busy).replace("/calls?", "/calls.csv?"))
        assert len(as_csv.text.splitlines()) == 2


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
