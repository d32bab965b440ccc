"""The lists of log rows and their figures, as programs read them."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import update

from app.access import keys
from app.archive.call_logs import store
from app.archive.parse.call_logs.row import parsed
from app.archive.schema.call_log_tables import call_log_rows
from tests.web.application import KEY, OTHER, TENANT, calling

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 3, 3, tzinfo=UTC)
RANGE = {"from": "2026-03-02T00:00:00Z", "to": "2026-03-03T00:00:00Z"}
CALL = "3f1d7a66-0c52-4b0e-8e6f-2a9b54c7d010"
NO_TIME = "0001-01-01T00:00:00Z"


def pstn(number, **changes):
    return {
        "id": f"00000000-0000-4000-8000-{number:012}",
        "callId": "902113377_44120981@203.0.113.20",
        "userId": "0d9f4c18-2f7b-4a55-9a3e-1b6c8e7f5a21",
        "userPrincipalName": "mira.holm@fabrikam.example",
        "userDisplayName": "Mira Holm",
        "startDateTime": f"2026-03-02T08:{number:02}:00Z",
        "endDateTime": f"2026-03-02T08:{number + 2:02}:00Z",
        "duration": 120,
        "charge": 0.04,
        "connectionCharge": 0.0,
        "currency": "EUR",
        "callType": "user_out",
        "callerNumber": "+49301239900",
        "calleeNumber": "+49301230***",
        "destinationName": "Germany",
    } | changes


def direct(number, code=0, **changes):
    answered = code == 0
    return {
        "id": f"10000000-0000-4000-8000-{number:012}",
        "correlationId": CALL,
        "inviteDateTime": f"2026-03-02T09:{number:02}:00Z",
        "startDateTime": f"2026-03-02T09:{number:02}:04Z",
        "failureDateTime": NO_TIME if answered else f"2026-03-02T09:{number:02}:30Z",
        "endDateTime": f"2026-03-02T09:{number + 2:02}:04Z" if answered else None,
        "successfulCall": answered,
        "finalSipCode": code,
        "callEndSubReason": 540000 if answered else 560000 + code,
        "callType": "ByotOut",
        "callerNumber": "+4533004417",
        "calleeNumber": "+4570112233",
        "trunkFullyQualifiedDomainName": "SBC1.fabrikam.example",
    } | changes


async def stored(database, kind, *items, tenant=TENANT):
    rows = [parsed(tenant, kind, item, NOW) for item in items]
    async with database.begin() as db:
        await store.put(db, rows, NOW)


@pytest.fixture
async def logs(database):
    await stored(database, "pstn", pstn(1), pstn(2, currency="USD", charge=1.0012), pstn(3, duration=0, charge=0))
    await stored(database, "direct_routing", direct(1), direct(2), direct(3, 486), direct(4, 503))
    await stored(database, "pstn", pstn(9, userDisplayName="Another Tenant"), tenant=OTHER)


async def ids(client, path, **query):
    answer = await client.get(path, params=query)
    assert answer.status_code == 200, answer.text
    return [int(item["id"][-12:]) for item in answer.json()["items"]]


PSTN, DIRECT = "/api/pstn-calls", "/api/direct-routing-calls"


async def test_lists_are_newest_first_and_filters_find_their_rows(app, logs, subtests):
    cases = [
        (PSTN, {"tenant": TENANT}, [3, 2, 1]),
        (PSTN, {"user": "MIRA.holm@fabrikam.example", "tenant": TENANT}, [3, 2, 1]),
        (PSTN, {"user": "0D9F4C18-2F7B-4A55-9A3E-1B6C8E7F5A21", "tenant": OTHER}, [9]),
        (PSTN, {"user": "somebody@fabrikam.example"}, []),
        (PSTN, {"number": "+49301230777", "tenant": TENANT}, [3, 2, 1]),  # may be the masked one
        (PSTN, {"number": "+49301231777"}, []),
        (PSTN, {"number": "+4930123*", "tenant": TENANT}, [3, 2, 1]),
        (PSTN, {"call_type": "user_in"}, []),
        (PSTN, {"from": "2026-03-02T08:02:00Z", "to": "2026-03-02T08:03:00Z"}, [2]),
        (DIRECT, {}, [4, 3, 2, 1]),
        (DIRECT, {"trunk": "sbc1.Fabrikam.example"}, [4, 3, 2, 1]),
        (DIRECT, {"trunk": "sbc2.fabrikam.example"}, []),
        (DIRECT, {"sip_code": "503"}, [4]),
        (DIRECT, {"sip_code": "0", "number": "004570112233"}, [2, 1]),
        (DIRECT, {"number": "70112233"}, []),
        (DIRECT, {"call_id": CALL.upper()}, [4, 3, 2, 1]),
    ]
    async with calling(app, key=KEY) as client:
        for path, query, expected in cases:
            with subtests.test(path=path, query=query):
                assert await ids(client, path, **query) == expected
        refused = await client.get(PSTN, params={"trunks": "x"})
        assert (refused.status_code, "Unknown parameter trunks" in refused.text) == (400, True)


async def test_pages_neither_skip_nor_repeat_rows(app, logs, database):
    async with calling(app, key=KEY) as client:
        first = (await client.get(DIRECT, params={"limit": 3})).json()
        await stored(database, "direct_routing", direct(8))
        assert await ids(client, DIRECT, limit=3, cursor=first["next_cursor"]) == [1]
        other = await client.get(DIRECT, params={"sip_code": 0, "cursor": first["next_cursor"]})
        assert other.status_code == 422


async def test_charges_keep_all_their_digits_and_a_row_without_a_call_has_no_join(app, logs):
    async with calling(app, key=KEY) as client:
        answer = await client.get(PSTN, params={"tenant": TENANT})
    assert '"charge":1.0012' in answer.text
    assert {(item["join"], item["call_id"]) for item in answer.json()["items"]} == {(None, None)}


async def test_a_key_of_a_tenant_or_a_site_sees_no_other_rows(app, logs, database):
    async with database.begin() as db:
        of_tenant = await keys.create(db, "tenant", "read", [OTHER], NOW)
        of_site = await keys.create(db, "site", "read", None, NOW, sites=["AAR-2"])
    async with calling(app, key=of_tenant) as client:
        assert await ids(client, PSTN) == [9]
        assert (await client.get("/api/telephony", params=RANGE | {"by": "user"})).json()["total"]["attempts"] == 1
    async with calling(app, key=of_site) as client:
        assert await ids(client, PSTN) == []
        assert (await client.get("/api/telephony", params=RANGE)).status_code == 403


async def test_figures_of_a_trunk(app, logs):
    async with calling(app, key=KEY) as client:
        answer = (await client.get("/api/telephony", params=RANGE)).json()
    (trunk,) = answer["items"]
    assert trunk["value"] == "sbc1.fabrikam.example"
    assert (trunk["attempts"], trunk["answered"], trunk["asr"]) == (4, 2, 50.0)
    assert (trunk["ner"], trunk["ner_is_reliable"]) == (75.0, False)
    assert trunk["acd_seconds"] == 120.0
    # Occupied: 9:01:00-9:03:04, 9:02:00-9:04:04, 9:03:00-9:03:30, 9:04:00-9:04:30.
    assert (trunk["peak_concurrent_calls"], trunk["peak_at"]) == (3, "2026-03-02T09:03:00+00:00")
    assert trunk["erlangs"] == round((124 + 124 + 30 + 30) / 3600, 4)
    assert trunk["post_dial_delay"] == {"calls": 2, "median_seconds": 4.0, "p90_seconds": 4.0}
    assert [(code["sip_code"], code["calls"], code["answered_by"]) for code in trunk["top_sip_codes"]] == [
        (0, 2, "microsoft"),
        (486, 1, "sbc"),
        (503, 1, "sbc"),
    ]


async def test_cost_is_by_currency(app, logs, subtests):
    async with calling(app, key=KEY) as client:
        for by in ("user", "department", "destination", "call_type"):
            with subtests.test(by=by):
                query = RANGE | {"by": by, "tenant": TENANT}
                total = (await client.get("/api/telephony", params=query)).json()["total"]
                cost = {one["currency"]: (one["amount"], one["calls"], one["free_calls"]) for one in total["cost"]}
                assert cost == {"EUR": (0.04, 2, 1), "USD": (1.0012, 1, 0)}


async def test_a_join_that_was_guessed_shows_nothing_to_a_site(app, logs, database):
    async with database.begin() as db:
        await db.execute(update(call_log_rows).values(call_key=1, join_method="heuristic"))
        of_site = await keys.create(db, "site", "read", None, NOW, sites=["AAR-2"])
    async with calling(app, key=of_site) as client:
        assert await ids(client, PSTN) == []
