"""getPstnCalls and getDirectRoutingCalls from the archive, as a script asks Graph for them."""

from datetime import UTC, datetime

import pytest

from app.access import keys
from app.web.graph_api import call_logs
from tests.web.api.test_telephony import direct, logs, pstn, stored  # noqa: F401 -- a fixture
from tests.web.application import KEY, TENANT, calling

pytestmark = pytest.mark.anyio

ROOT = "/v1.0/communications/callRecords"
DAY = "(fromDateTime=2026-03-02,toDateTime=2026-03-03)"


async def test_both_names_answer_the_rows_as_graph_gave_them(app, logs, database):  # noqa: F811
    await stored(database, "pstn", pstn(20, somethingNew={"a": 1.1}))
    async with calling(app, key=KEY) as client:
        short = await client.get(f"{ROOT}/getPstnCalls{DAY}")
        qualified = await client.get(f"{ROOT}/microsoft.graph.callRecords.getPstnCalls{DAY}")
        direct_routing = (await client.get(f"{ROOT}/getDirectRoutingCalls{DAY}")).json()
        batch = await client.post(
            "/v1.0/$batch",
            json={"requests": [{"id": "1", "method": "GET", "url": f"/communications/callRecords/getPstnCalls{DAY}"}]},
        )
    assert short.json()["value"] == qualified.json()["value"] == batch.json()["responses"][0]["body"]["value"]
    assert short.json()["@odata.count"] == 5  # one of another tenant
    assert '"somethingNew":{"a":1.1}' in short.text
    assert direct_routing["value"] == [direct(1), direct(2), direct(3, 486), direct(4, 503)]
    assert "pstnCallLogRow" in short.json()["@odata.context"]


async def test_the_end_of_the_range_is_included_for_pstn_calls_only(app, logs):  # noqa: F811
    async with calling(app, key=KEY) as client:
        at_end = "(fromDateTime=2026-03-02T08:02:00Z,toDateTime=2026-03-02T08:03:00Z)"
        assert (await client.get(f"{ROOT}/getPstnCalls{at_end}")).json()["@odata.count"] == 2
        at_end = "(fromDateTime=2026-03-02T09:01:04Z,toDateTime=2026-03-02T09:02:04Z)"
        assert (await client.get(f"{ROOT}/getDirectRoutingCalls{at_end}")).json()["@odata.count"] == 1


async def test_pages_are_linked_by_skip(app, logs, monkeypatch):  # noqa: F811
    monkeypatch.setattr(call_logs, "PAGE", 3)
    async with calling(app, key=KEY) as client:
        first = (await client.get(f"{ROOT}/getDirectRoutingCalls{DAY}")).json()
        assert first["@odata.nextLink"].endswith(f"getDirectRoutingCalls{DAY}?$skip=3")
        last = (await client.get(first["@odata.nextLink"])).json()
    assert (first["@odata.count"], last["@odata.count"], "@odata.nextLink" in last) == (3, 1, False)
    assert [row["id"] for row in last["value"]] == [direct(4)["id"]]


async def test_wrong_arguments_are_refused_in_graphs_form(app, logs, subtests):  # noqa: F811
    wrong = [
        "(fromDateTime=,toDateTime=)",
        "(fromDateTime=2026-03-02)",
        "(fromDateTime=2026-03-02,toDateTime=2026-03-01)",
        "(fromDateTime=2026-01-01,toDateTime=2026-05-01)",
        "(fromDateTime=0001-01-01,toDateTime=0001-01-02)",
        f"{DAY}?$top=5",
        f"{DAY}?$skip=-1",
    ]
    async with calling(app, key=KEY) as client:
        for arguments in wrong:
            with subtests.test(arguments=arguments):
                answer = await client.get(f"{ROOT}/getPstnCalls{arguments}")
                assert (answer.status_code, answer.json()["error"]["code"]) == (400, "BadRequest")


async def test_a_tenants_key_sees_its_own_rows(app, logs, database):  # noqa: F811
    async with database.begin() as db:
        key = await keys.create(db, "tenant", "read", [TENANT], datetime(2026, 3, 3, tzinfo=UTC))
    async with calling(app, key=key) as client:
        assert (await client.get(f"{ROOT}/getPstnCalls{DAY}")).json()["@odata.count"] == 3
