"""Records that change between two answers, one relation per $expand, and ids that never get a record."""

import pytest

from app.simulator.records import a_call_record
from tests.some import some

pytestmark = pytest.mark.anyio
ROOT = "/v1.0/communications/callRecords"
SMALL = {"Prefer": "odata.maxpagesize=2"}
BOTH = "$expand=sessions($expand=segments),participants_v2"


async def test_both_relations_or_only_the_first_or_a_400(client, world):
    call_id = world.put(a_call_record()).id
    world.change_settings({"expand_relations": "both"})
    assert {"sessions", "participants_v2"} <= set(await client.get(f"{ROOT}/{call_id}?{BOTH}"))
    world.change_settings({"expand_relations": "first"})
    first = await client.get(f"{ROOT}/{call_id}?{BOTH}")
    assert ("sessions" in first, "participants_v2" in first) == (True, False)
    other = await client.get(f"{ROOT}/{call_id}?$expand=participants_v2,sessions")
    assert ("sessions" in other, "participants_v2" in other) == (False, True)
    world.change_settings({"expand_relations": "refused"})
    assert (await client.ask("GET", f"{ROOT}/{call_id}?{BOTH}"))[0] == 400


async def test_a_record_can_be_rewritten_with_its_version_kept(client, world):
    document = a_call_record(type="groupCall", participants=3)
    world.put(document)
    before = await client.get(f"{ROOT}/{document['id']}?$expand=sessions")
    made = await client.control("POST", f"/records/{document['id']}/rewrite")
    after = await client.get(f"{ROOT}/{document['id']}?$expand=sessions")
    assert made["version"] == before["version"] == after["version"] == 1
    assert before["lastModifiedDateTime"] < after["lastModifiedDateTime"]
    ends = [[session["endDateTime"] for session in each["sessions"]] for each in (before, after)]
    assert all(earlier < later for earlier, later in some(zip(*ends, strict=True)))
    assert (await client.ask("POST", "/_control/records/none/rewrite"))[0] == 404


async def test_a_record_may_be_rewritten_between_two_pages(client, world):
    world.change_settings({"session_page": 2})
    call_id = world.put(a_call_record(type="groupCall", participants=4)).id
    before = await client.get(f"{ROOT}/{call_id}/sessions", headers=SMALL)
    world.faults.add({"fault": "rewrite", "times": 1, "match": {"path": "expand=sessions"}})
    first = await client.get(f"{ROOT}/{call_id}?$expand=sessions")
    after = await client.get(f"{ROOT}/{call_id}/sessions", headers=SMALL)
    assert first["sessions"] == before["value"]
    assert all(one != other for one, other in zip(before["value"], after["value"], strict=True))


async def test_a_404_has_the_text_that_was_seen_or_none(client, world):
    texts = []
    for kind in ("documented", "empty"):
        world.change_settings({"not_found_text": kind})
        _, body, _ = await client.ask("GET", f"{ROOT}/00000000-0000-4000-8000-00000000dead")
        assert body["error"]["code"] == "NotFound"
        texts.append(body["error"]["message"])
    assert texts[0] == (
        "Could not find the requested call record. Records about calls or online meetings that started more than "
        "30 days ago are not available."
    )
    assert texts[1] == ""


async def test_an_id_that_never_gets_a_record_is_notified_all_the_same(client, subscribe, receiver, world):
    await subscribe()
    document = a_call_record()
    await client.control("POST", "/records", {"records": [document], "never_visible": True, "notify_after_s": 0})
    await receiver.holds(1)
    world.change_settings({"clock_offset_s": 29 * 86400})
    token = world.issue_token(world.tenant_id, world.client_id, client.url, "")
    assert (await client.ask("GET", f"{ROOT}/{document['id']}", token=token))[0] == 404
    assert (await client.get(ROOT, token=token))["value"] == []


@pytest.mark.parametrize("form", ["('{}')", "(%27{}%27)", "/{}"])
async def test_one_record_is_read_in_the_key_form_too(client, world, form):
    call_id = world.put(a_call_record()).id
    assert (await client.get(f"{ROOT}{form.format(call_id)}?$select=id"))["id"] == call_id
    assert (await client.get(f"{ROOT}{form.format(call_id.upper())}?$select=id"))["id"] == call_id
