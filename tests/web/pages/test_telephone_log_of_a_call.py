"""/calls/{id} shows the rows of the PSTN and Direct Routing logs that belong to the call."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from app.archive.call_logs import store
from app.archive.call_logs.of_call import COLUMNS
from app.archive.parse.call_logs.row import parsed
from app.telephony.joins.job import JoinLogRows
from app.web.pages.call import log_rows
from tests.archive.call_logs.log_rows import DIRECT_ROUTING, PSTN, REFUSED
from tests.archive.records import a_call_record, guid, kept, save
from tests.web.application import TENANT
from tests.web.pages.browser_client import signed_in
from tests.web.pages.html_text import words

pytestmark = pytest.mark.anyio
NOW = datetime(2026, 3, 3, tzinfo=UTC)


@pytest.fixture
async def browser(app):
    async with signed_in(app) as browser:
        yield browser


async def put(database, kind, *items):
    async with database.begin() as db:
        await store.put(db, [parsed(TENANT, kind, item, NOW) for item in items], NOW)
    await JoinLogRows(database, holder="test").once()


async def test_the_page_of_a_call_shows_its_rows(browser, database):
    call_id = guid()
    await save(database, kept(a_call_record(id=call_id), tenant=TENANT))
    assert "Telephone log" not in words((await browser.get(f"/calls/{call_id}")).text)
    hostile = {"callerNumber": "<script>alert(1)</script>", "id": guid()}
    await put(
        database,
        "direct_routing",
        DIRECT_ROUTING | {"correlationId": call_id},
        REFUSED | {"correlationId": call_id} | hostile,
    )
    await put(database, "pstn", PSTN | {"callId": call_id})
    answer = await browser.get(f"/calls/{call_id}")
    text = words(answer.text)
    for shown in (
        "Telephone log",
        "+45701122***",
        "sbc1.fabrikam.example",
        "403 Forbidden (560403)",
        "0.04 EUR",
        "ByotInUcap",
    ):
        assert shown in text
    assert "<script>alert(1)" not in answer.text
    assert "likely" not in text.partition("Telephone log")[2].partition("Record")[0]


ROW = dict.fromkeys(COLUMNS)
SHOWN = {
    "nothing is known": ({}, {"result": None, "charge": None, "start": None, "is_likely": False}),
    "a normal end": (
        {"successful_call": True, "final_sip_code": 0, "final_sip_code_phrase": "BYE", "call_end_sub_reason": 540000},
        {"result": "established, BYE (540000)"},
    ),
    "busy": (
        {"successful_call": False, "final_sip_code": 486, "call_end_sub_reason": 560486},
        {"result": "not established, 486 (560486)"},
    ),
    "two charges": (
        {"charge": Decimal("0.10"), "connection_charge": Decimal("0.05"), "currency": "CHF"},
        {"charge": "0.15 CHF"},
    ),
    "no charge": ({"charge": Decimal("0.00"), "currency": "EUR"}, {"charge": "0.00 EUR"}),
    "a large charge": ({"charge": Decimal(1200), "currency": "HUF"}, {"charge": "1200.00 HUF"}),
    "a join by number, user and time": ({"join_method": "heuristic"}, {"is_likely": True}),
    "an operator where there is no trunk": ({"operator": "Microsoft"}, {"trunk": "Microsoft"}),
}


def test_rows_have_their_result_and_charge_as_text(subtests):
    for name, (values, expected) in SHOWN.items():
        with subtests.test(name):
            [row] = log_rows.shown([ROW | values])
            assert {key: row[key] for key in expected} == expected
