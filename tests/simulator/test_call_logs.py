"""getPstnCalls and getDirectRoutingCalls of the simulated Graph: what they accept, their pages, late and changed rows."""

from datetime import UTC, datetime, timedelta

import pytest

from app.simulator.call_logs.rows import PSTN_TYPES, rows
from app.simulator.call_logs.store import DIRECT_ROUTING, KINDS, PSTN
from tests.some import some

pytestmark = pytest.mark.anyio
ROOT = "/v1.0/communications/callRecords"
DAY = datetime(2026, 3, 2, tzinfo=UTC)
SPAN = "(fromDateTime=2026-03-02,toDateTime=2026-03-03)"
PSTN_CALLS, DIRECT_ROUTING_CALLS = f"{ROOT}/getPstnCalls{SPAN}", f"{ROOT}/getDirectRoutingCalls{SPAN}"


def at(start, **more):
    return {"id": start, "startDateTime": start} | more


async def ids(client, path):
    return [row["id"] for row in (await client.get(path))["value"]]


ARGUMENTS = {
    "(fromDateTime=2026-03-02,toDateTime=2026-03-03)": 200,
    "(toDateTime=2026-03-03,fromDateTime=2026-03-02T06:00:00Z)": 200,
    "(fromDateTime=2026-01-01,toDateTime=2026-03-31)": 200,
    "(fromDateTime=2026-01-01,toDateTime=2026-04-02)": 406,  # 91 days
    "(fromDateTime=,toDateTime=)": 400,
    "(fromDateTime='2026-03-02',toDateTime='2026-03-03')": 400,
    "(fromDateTime=2026-03-02T06:00:00%2B00:00,toDateTime=2026-03-03)": 400,
    "(fromDateTime=2026-03-03,toDateTime=2026-03-02)": 400,
    "(fromDateTime=2026-03-02)": 400,
    "(from=2026-03-02,to=2026-03-03)": 400,  # only in Graph's own links
    "(fromDateTime=2026-13-02,toDateTime=2026-03-03)": 400,
    "(fromDateTime=2099-03-02,toDateTime=2099-03-03)": 400,
    "(fromDateTime=2026-03-02,toDateTime=2026-03-03)?$top=5": 400,
    "(fromDateTime=2026-03-02,toDateTime=2026-03-03)?$filter=id eq '1'": 400,
}


async def test_arguments_are_read_as_strictly_as_graph_reads_them(subtests, client):
    for arguments, expected in ARGUMENTS.items():
        for name in ("getPstnCalls", "microsoft.graph.callRecords.getDirectRoutingCalls"):
            with subtests.test(name, arguments=arguments):
                status, _, _ = await client.ask("GET", f"{ROOT}/{name}{arguments}")
                assert status == expected


async def test_one_log_includes_the_end_of_the_range_and_the_other_does_not(client, world):
    both = [at("2026-03-02T00:00:00Z"), at("2026-03-02T23:59:59.9999999Z"), at("2026-03-03T00:00:00Z")]
    for kind in KINDS:
        world.put_log_rows(kind, [at("2026-03-01T23:59:59Z"), *both, at("2026-03-03T00:00:00.1Z")])
    assert await ids(client, PSTN_CALLS) == [row["id"] for row in both]
    assert await ids(client, DIRECT_ROUTING_CALLS) == [row["id"] for row in both[:2]]


async def test_pages_are_positions_and_links_have_the_forms_that_were_seen(subtests, client, world):
    world.change_settings({"log_page": 400})
    for kind, path, spelling in (
        (PSTN, PSTN_CALLS, "@odata.nextLink"),
        (DIRECT_ROUTING, DIRECT_ROUTING_CALLS, "@odata.NextLink"),
    ):
        with subtests.test(kind=kind):
            made = list(rows(kind, 1000, DAY, timedelta(days=1)))
            world.put_log_rows(kind, made)
            found, link, sizes = [], path, []
            while link:
                page = await client.get(link)
                found += [row["id"] for row in page["value"]]
                sizes.append(page["@odata.count"])
                link = page.get(spelling)
                assert link is None or "$skip=" in link
                assert link is None or ("(from=2026-03-02,to=2026-03-03)" in link) is (kind == PSTN)
            assert sizes == [400, 400, 200]
            assert sorted(found) == sorted(row["id"] for row in made)


async def test_a_row_appears_late_and_changes(client, world):
    world.put_log_rows(PSTN, [at("2026-03-02T10:00:00Z", charge=None)])
    world.put_log_rows(PSTN, [at("2026-03-02T10:00:00Z", charge=0.04)], visible_after_s=3600)
    world.put_log_rows(PSTN, [at("2026-03-02T11:00:00Z")], visible_after_s=3600)
    assert [row["charge"] for row in (await client.get(PSTN_CALLS))["value"]] == [None]
    an_hour_later = world.now() + timedelta(hours=1)
    later = world.call_logs.between(world.tenant_id, PSTN, DAY, DAY + timedelta(days=1), an_hour_later, inclusive=True)
    assert [row.get("charge") for row in later] == [0.04, None]


async def test_without_the_permission_the_answer_is_403_without_a_message(client, world):
    world.change_settings({"logs_permitted": False})
    status, body, _ = await client.ask("GET", PSTN_CALLS)
    assert (status, body["error"]["code"], body["error"]["message"]) == (403, "Forbidden", "")


async def test_each_log_takes_50_requests_a_minute_and_none_of_those_of_call_records(client, world):
    world.change_settings({"log_limit": 3})
    statuses = [(await client.ask("GET", PSTN_CALLS))[0] for _ in range(4)]
    assert statuses == [200, 200, 200, 429]
    assert (await client.ask("GET", DIRECT_ROUTING_CALLS))[0] == 200
    assert "list" not in world.throttle.busiest


def test_invented_rows_have_every_form_that_a_collector_must_read():
    pstn = list(rows(PSTN, 200, DAY, timedelta(days=1)))
    assert {row["callType"] for row in pstn} == set(PSTN_TYPES)
    assert any(row["calleeNumber"].endswith("***") for row in pstn)
    direct = list(rows(DIRECT_ROUTING, 200, DAY, timedelta(days=1)))
    assert {"Reception", "+1001"} <= {row["calleeNumber"] for row in direct}
    refused = [row for row in direct if not row["successfulCall"]]
    assert {row["endDateTime"] for row in some(refused)} == {None, "0001-01-01T00:00:00Z"}
    assert {row["failureDateTime"] for row in direct if row["successfulCall"]} == {"0001-01-01T00:00:00Z"}
    assert list(rows(PSTN, 200, DAY, timedelta(days=1))) == pstn
