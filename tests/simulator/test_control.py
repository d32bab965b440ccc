"""The control routes: what another process can make happen and see."""

import pytest

from app.simulator.records import a_call_record
from app.simulator.server import start
from app.simulator.world import World

pytestmark = pytest.mark.anyio
ROOT = "/v1.0/communications/callRecords"


async def test_records_can_be_put_listed_read_and_removed(client):
    document = a_call_record()
    assert await client.control("POST", "/records", [document]) == {"ids": [document["id"]]}
    [listed] = await client.control("GET", "/records")
    assert (listed["id"], listed["version"], listed["visible"]) == (document["id"], 1, True)
    assert await client.control("GET", f"/records/{document['id']}") == document
    await client.control("DELETE", f"/records/{document['id']}")
    assert await client.control("GET", "/records") == []


async def test_options_may_stand_in_the_body_or_in_the_query(client):
    first, second = a_call_record(), a_call_record()
    await client.control("POST", "/records", {"records": [first], "visible_after_s": 60, "notify": False})
    await client.control("POST", "/records?visible_after_s=60&notify=false", [second])
    assert [each["visible"] for each in await client.control("GET", "/records")] == [False, False]
    status, body, _ = await client.ask("POST", "/_control/records?colour=1", body=[first])
    assert (status, "colour" in body["error"]) == (400, True)


async def test_a_record_can_be_bumped_or_replaced(client, world):
    document = a_call_record()
    world.put(document)
    path = f"/records/{document['id']}/version"
    assert (await client.control("POST", path, "bump"))["version"] == 2
    assert (await client.control("POST", path, {"bump": True, "notify": False}))["version"] == 3
    assert (await client.control("POST", path, {**document, "version": 7}))["version"] == 7
    changed = {"record": {**document, "version": 8}, "visible_after_s": 60}
    assert (await client.control("POST", path, changed))["version"] == 8
    assert (await client.get(f"{ROOT}/{document['id']}"))["version"] == 7


@pytest.mark.parametrize("kind", ["mixed", "peerToPeer", "pstn", "no_sessions", "old_beta", "unknown_members"])
async def test_calls_of_a_kind_are_invented_and_can_be_read(client, kind):
    made = await client.control("POST", "/calls", {"count": 9, "kind": kind, "days_ago": 3})
    assert len(set(made["ids"])) == 9
    for call_id in made["ids"]:
        await client.get(f"{ROOT}/{call_id}")


async def test_calls_take_any_word_of_the_recipe(client):
    body = {"type": "groupCall", "participants": 5, "sessions": 9, "start": "2026-01-01T08:00:00Z"}
    made = await client.control("POST", "/calls", body)
    document = await client.control("GET", f"/records/{made['ids'][0]}")
    assert (len(document["sessions"]), len(document["participants_v2"])) == (9, 5)
    assert document["startDateTime"].startswith("2026-01-01T08:00:00")
    assert (await client.ask("POST", "/_control/calls", body={"kind": "seance"}))[0] == 400
    assert (await client.ask("POST", "/_control/calls", body={"colour": "red"}))[0] == 400


async def test_faults_are_listed_and_cleared(client):
    made = await client.control("POST", "/faults", {"fault": "slow", "seconds": 9, "match": {"path": "callRecords"}})
    assert [each["id"] for each in await client.control("GET", "/faults")] == [made["id"]]
    await client.control("DELETE", "/faults")
    assert await client.control("GET", "/faults") == []


async def test_subscriptions_can_be_seen_whole_notified_and_forgotten(client, subscribe, receiver):
    made = await subscribe()
    [seen] = await client.control("GET", "/subscriptions")
    assert (seen["id"], seen["clientState"]) == (made["id"], "between us")
    assert await client.control("POST", "/lifecycle", {"event": "missed"}) == {"notified": 1}
    await receiver.holds(1)
    assert await client.control("POST", "/subscriptions/clear") == {"cleared": 1}
    assert (await client.ask("POST", "/_control/lifecycle", body={"event": "birthday"}))[0] == 400


async def test_forged_bodies_go_where_they_are_sent(client, subscribe, receiver):
    await subscribe()
    answers = await client.control("POST", "/notifications?to=lifecycle", {"value": []})
    assert answers == [{"url": f"{receiver.url}/lifecycle", "status": 202}]
    answers = await client.control("POST", f"/notifications?url={receiver.url}/elsewhere", {"value": []})
    assert answers[0]["url"].endswith("/elsewhere")


async def test_losing_and_revoking_take_effect(client, world):
    await client.control("POST", "/lose", {"next": 3})
    await client.control("POST", "/revoke-tokens")
    assert world.dispatcher.to_drop == 3
    assert (await client.ask("GET", ROOT))[0] == 401


async def test_the_log_tells_what_was_asked_and_not_what_control_did(client):
    await client.ask("GET", f"{ROOT}?$select=id", headers={"client-request-id": "mine"})
    [asked] = await client.control("GET", "/log")
    assert asked["path"] == f"{ROOT}?$select=id"
    assert (asked["method"], asked["status"], asked["client_request_id"]) == ("GET", 200, "mine")
    assert asked["authorization"] is True
    await client.control("DELETE", "/log")
    assert await client.control("GET", "/log") == []


async def test_settings_change_all_together_or_not_at_all(client, world):
    assert (await client.control("POST", "/settings", {"throttle": False, "first_timeout_s": 1}))["throttle"] is False
    wrong = {"throttle": True, "session_page": "many"}
    assert (await client.ask("POST", "/_control/settings", body=wrong))[0] == 400
    assert (await client.control("GET", "/settings"))["throttle"] is False


async def test_stats_count_what_was_sent(client, subscribe, receiver):
    await subscribe()
    await client.control("POST", "/calls", {"count": 2})
    await receiver.holds(2)
    stats = await client.control("GET", "/stats")
    assert stats["counts"]["notifications_sent"] == 2
    assert [each["call"] for each in stats["subscription_calls"]] == ["create"]
    assert stats["most_at_once"] == 1


async def test_tenants_secrets_and_assertions_can_be_added_from_outside(client, world):
    other = "00000000-0000-4000-8000-000000000009"
    await client.control("POST", "/tenants", {"id": other, "domain": "other.example"})
    await client.control("POST", "/secrets", ["rotated"])
    assert (await client.get("/other.example/v2.0/.well-known/openid-configuration"))["issuer"].endswith(
        f"{other}/v2.0"
    )
    assert world.directory.app.secrets == {"rotated"}
    async with client.session.post(f"{client.url}/_control/assertions", data="the.token.text") as answer:
        assert answer.status == 204
    assert world.directory.app.assertions == {"the.token.text"}


async def test_with_a_control_token_no_other_request_is_accepted(key, ca_file, client):
    guarded = await start(ca_file=ca_file.with_name("other.pem"), world=World(key=key), tls=False, control_token="s")
    answers = [
        (await client.ask("GET", f"{guarded.url}/_control/log", headers=headers))[0]
        for headers in ({}, {"X-Control-Token": "s"})
    ]
    await guarded.stop()
    assert answers == [403, 200]
