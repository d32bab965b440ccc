"""Faults on request: each does its own harm, to the requests meant and as often as asked."""

import asyncio

import aiohttp
import pytest

from app.simulator.records import a_call_record
from tests.waiting import until

pytestmark = pytest.mark.anyio
ROOT = "/v1.0/communications/callRecords"


@pytest.fixture
def meeting(world):
    """Two pages of sessions."""
    return world.put(a_call_record(type="groupCall", participants=61)).id


def sessions_of(call_id):
    return f"{ROOT}/{call_id}/sessions"


async def test_a_status_comes_with_its_retry_after_so_often_and_no_more(client, world, meeting):
    world.faults.add({"fault": "status", "status": 429, "retry_after": 7, "times": 2, "match": {"path": "sessions"}})
    await client.get(f"{ROOT}/{meeting}")
    answers = [await client.ask("GET", sessions_of(meeting)) for _ in range(3)]
    assert [status for status, _, _ in answers] == [429, 429, 200]
    assert answers[0][1]["error"]["code"] == "TooManyRequests"
    assert answers[0][2]["Retry-After"] == "7"


async def test_a_fault_may_be_meant_for_a_method_only(client, world):
    world.faults.add({"fault": "status", "match": {"method": "POST"}})
    assert (await client.ask("GET", "/v1.0/subscriptions"))[0] == 200
    assert (await client.ask("POST", "/v1.0/subscriptions", body={}))[0] == 503


async def test_login_can_fail_too(client, world):
    world.faults.add({"fault": "status", "status": 500, "match": {"path": "/oauth2/v2.0/token"}})
    status, body, _ = await client.ask("POST", f"/{world.tenant_id}/oauth2/v2.0/token")
    assert (status, body["error"]) == (500, "temporarily_unavailable")


async def test_a_fault_may_strike_by_chance(client, world):
    world.change_settings({"throttle": False})
    world.faults.add({"fault": "status", "probability": 0.5})
    statuses = {(await client.ask("GET", "/v1.0/subscriptions"))[0] for _ in range(40)}
    assert statuses == {200, 503}


async def test_a_slow_answer_is_late_but_good(client, world, meeting):
    world.faults.add({"fault": "slow", "seconds": 0.1, "times": 1})
    began = asyncio.get_running_loop().time()
    await client.get(f"{ROOT}/{meeting}")
    assert asyncio.get_running_loop().time() - began >= 0.1


async def test_slow_answers_are_sent_when_the_faults_are_cleared(client, world, meeting):
    world.faults.add({"fault": "slow", "seconds": 3600})
    asking = asyncio.create_task(client.get(f"{ROOT}/{meeting}"))
    await until(lambda: world.journal.open)
    world.faults.clear()
    assert (await asking)["id"] == meeting


async def test_a_cut_connection_gives_no_answer_at_all(client, world, meeting, caplog):
    world.faults.add({"fault": "cut", "times": 10})
    with pytest.raises(aiohttp.ClientConnectionError):
        await client.get(f"{ROOT}/{meeting}")
    assert world.journal.log()[-1]["status"] == 0
    assert caplog.records == []


async def test_a_truncated_answer_ends_in_the_middle(client, world, meeting):
    world.faults.add({"fault": "truncate", "times": 1})
    with pytest.raises(aiohttp.ClientPayloadError):
        await client.get(sessions_of(meeting))
    await client.get(sessions_of(meeting))


async def test_html_where_json_was_expected(client, world, meeting):
    world.faults.add({"fault": "not_json", "times": 1})
    status, body, headers = await client.ask("GET", f"{ROOT}/{meeting}")
    assert (status, headers["Content-Type"]) == (200, "text/html")
    assert body.startswith(b"<!DOCTYPE")


async def test_the_answer_may_be_another_record(client, world, meeting):
    world.faults.add({"fault": "other_id", "times": 1})
    assert (await client.get(f"{ROOT}/{meeting}"))["id"] != meeting


async def test_a_foreign_link_leads_to_another_host(client, world, meeting):
    world.faults.add({"fault": "foreign_link", "host": "https://thief.example"})
    link = (await client.get(sessions_of(meeting)))["@odata.nextLink"]
    assert link.startswith(f"https://thief.example{sessions_of(meeting)}?$skiptoken=")


async def test_a_documented_link_hides_the_way_in_its_fragment(client, running, world, meeting):
    world.faults.add({"fault": "metadata_link"})
    record = await client.get(f"{ROOT}/{meeting}?$expand=sessions($expand=segments)")
    start = (
        f"{running.url}/v1.0/$metadata#communications/callRecords('{meeting}')/sessions?$expand=segments&$skiptoken="
    )
    assert record["sessions@odata.nextLink"].startswith(start)


async def test_a_loop_link_is_the_request_itself(client, running, world, meeting):
    world.faults.add({"fault": "loop_link"})
    page = await client.get(sessions_of(meeting))
    assert page["@odata.nextLink"] == running.url + sessions_of(meeting)


async def test_the_version_may_change_between_two_pages(client, world, meeting):
    world.faults.add({"fault": "version_change", "times": 1, "match": {"path": "sessions"}})
    before = await client.get(f"{ROOT}/{meeting}")
    await client.get(sessions_of(meeting))
    after = await client.get(f"{ROOT}/{meeting}")
    assert (before["version"], after["version"]) == (1, 2)
    assert before["lastModifiedDateTime"] < after["lastModifiedDateTime"]


async def test_a_token_may_seem_expired(client, world, meeting):
    world.faults.add({"fault": "expired_token", "times": 1})
    asked = [(await client.ask("GET", f"{ROOT}/{meeting}"))[0] for _ in range(2)]
    assert asked == [401, 200]


@pytest.mark.parametrize(
    "wrong", [{"fault": "earthquake"}, {"fault": "slow", "minutes": 2}, {}, {"fault": "cut", "match": {"path": "("}}]
)
async def test_a_fault_that_makes_no_sense_is_not_taken(client, world, wrong):
    assert (await client.ask("POST", "/_control/faults", body=wrong))[0] == 400
    assert world.faults.active == []


async def test_requests_that_fail_count_towards_the_limits(client, world, meeting):
    world.change_settings({"record_limit": 2})
    world.faults.add({"fault": "status", "status": 503, "match": {"path": "callRecords"}})
    asked = [(await client.ask("GET", f"{ROOT}/{meeting}"))[0] for _ in range(3)]
    assert asked == [503, 503, 429]
    assert world.journal.record_gets[meeting] == 3


async def test_a_link_fault_leaves_answers_without_links_alone(client, world, subscribe):
    made = await subscribe()
    world.faults.add({"fault": "loop_link"})
    assert (await client.ask("DELETE", f"/v1.0/subscriptions/{made['id']}"))[0] == 204
