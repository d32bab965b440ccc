"""Reading call records: what is expanded, how it is paged, what the Prefer header changes."""

from datetime import UTC, datetime, timedelta

import pytest

from app.simulator.records import a_call_record

pytestmark = pytest.mark.anyio
ROOT = "/v1.0/communications/callRecords"
EVERYTHING = "$expand=sessions($expand=segments)"


async def all_pages(client, link):
    """The items of a collection, every page of it."""
    items = []
    while link:
        page = await client.get(link)
        items += page["value"]
        link = page.get("@odata.nextLink")
    return items


async def whole(client, call_id):
    """The record as a collector would put it together."""
    record = await client.get(f"{ROOT}/{call_id}?{EVERYTHING}")
    people = await client.get(f"{ROOT}/{call_id}?$expand=participants_v2")
    record["participants_v2"] = people["participants_v2"]
    for name, source in (("sessions", record), ("participants_v2", people)):
        record[name] += await all_pages(client, source.get(f"{name}@odata.nextLink"))
    return {key: value for key, value in record.items() if "@odata" not in key}


@pytest.mark.parametrize(
    "recipe",
    [
        {},
        {"nulls": False},
        {"video": True, "sharing": True, "segments": 3},
        {"type": "groupCall", "participants": 300, "sessions": 150, "repeated_sessions": 10},
        {"pstn": True, "poor": True, "feedback": True},
        {"shape": "beta", "extras": True},
        {"type": "groupCall", "participants": 8, "guests": 2, "federated": 2, "application_instances": 1},
    ],
)
async def test_a_record_read_page_by_page_is_the_document_that_was_put(client, world, recipe):
    document = a_call_record(**{"seed": 1, **recipe})
    world.put(document)
    assert await whole(client, document["id"]) == {"participants_v2": [], **document}
    assert world.document(document["id"]) == document


async def test_nothing_is_expanded_unasked_but_the_organizer(client, world):
    call_id = world.put(a_call_record()).id
    record = await client.get(f"{ROOT}/{call_id}")
    assert {"sessions", "participants_v2"}.isdisjoint(record)
    assert record["organizer_v2"]["id"]
    assert record["@odata.context"].endswith("/v1.0/$metadata#communications/callRecords/$entity")


async def test_sessions_without_segments(client, world):
    call_id = world.put(a_call_record()).id
    record = await client.get(f"{ROOT}/{call_id}?$expand=sessions")
    assert ["segments" in session for session in record["sessions"]] == [False]


async def test_pages_hold_60_sessions_and_130_participants(client, world):
    world.change_settings({"expand_relations": "both"})
    call_id = world.put(a_call_record(type="groupCall", participants=131, sessions=61)).id
    record = await client.get(f"{ROOT}/{call_id}?{EVERYTHING},participants_v2")
    assert (len(record["sessions"]), len(record["participants_v2"])) == (60, 130)
    assert f"/v1.0/communications/callRecords/{call_id}/sessions?" in record["sessions@odata.nextLink"]
    rest = await client.get(record["sessions@odata.nextLink"])
    assert [len(each["segments"]) for each in rest["value"]] == [1]


async def test_a_page_may_be_asked_to_be_smaller_but_not_larger(client, world):
    call_id = world.put(a_call_record(type="groupCall", participants=70)).id
    few = await client.get(f"{ROOT}/{call_id}/sessions", headers={"Prefer": "odata.maxpagesize=7"})
    many = await client.get(f"{ROOT}/{call_id}/sessions", headers={"Prefer": "odata.maxpagesize=700"})
    assert (len(few["value"]), len(many["value"])) == (7, 60)
    assert len(few["value"] + await all_pages(client, few["@odata.nextLink"])) == 70


async def test_segments_are_paged_where_the_world_wants_it(client, world):
    world.change_settings({"segment_page": 2})
    document = a_call_record(segments=5)
    call_id = world.put(document).id
    record = await client.get(f"{ROOT}/{call_id}?{EVERYTHING}")
    session = record["sessions"][0]
    segments = session["segments"] + await all_pages(client, session["segments@odata.nextLink"])
    assert segments == document["sessions"][0]["segments"]


async def test_the_combined_expand_can_be_refused(client, world):
    world.change_settings({"expand_relations": "refused"})
    call_id = world.put(a_call_record()).id
    assert (await client.ask("GET", f"{ROOT}/{call_id}?{EVERYTHING},participants_v2"))[0] == 400
    assert (await client.ask("GET", f"{ROOT}/{call_id}?{EVERYTHING}"))[0] == 200


async def test_nulls_are_left_out_on_request(client, world):
    call_id = world.put(a_call_record(nulls=True)).id
    path = f"{ROOT}/{call_id}?{EVERYTHING}"
    status, record, headers = await client.ask("GET", path, headers={"Prefer": "omit-values=nulls"})
    assert (status, headers["Preference-Applied"]) == (200, "omit-values=nulls")
    assert "failureInfo" not in record["sessions"][0]
    assert "failureInfo" in (await client.get(path))["sessions"][0]


async def test_unknown_enum_members_show_only_on_request(client, world):
    call_id = world.put(a_call_record(unknown_members=True)).id
    path = f"{ROOT}/{call_id}?{EVERYTHING}"
    hidden = await client.get(path)
    shown = await client.get(path, headers={"Prefer": "omit-values=nulls,include-unknown-enum-members"})
    assert (hidden["type"], shown["type"]) == ("unknownFutureValue", "hologramCall")
    assert hidden["modalities"] == ["audio", "unknownFutureValue"]
    platform = [each["sessions"][0]["caller"]["userAgent"]["platform"] for each in (hidden, shown)]
    assert platform == ["unknownFutureValue", "wristTelephone"]


async def test_azure_communication_services_came_after_the_future_value(client, world):
    document = a_call_record(type="groupCall", participants=2, acs_users=1)
    call_id = world.put(document).id
    families = {each["caller"]["userAgent"]["productFamily"] for each in document["sessions"]}
    record = await client.get(f"{ROOT}/{call_id}?{EVERYTHING}")
    assert families == {"teams", "azureCommunicationServices"}
    shown = {each["caller"]["userAgent"]["productFamily"] for each in record["sessions"]}
    assert shown == {"teams", "unknownFutureValue"}


async def test_select_keeps_what_was_chosen(client, world):
    call_id = world.put(a_call_record(type="groupCall")).id
    record = await client.get(f"{ROOT}/{call_id}?%24select=version,type&%24expand=sessions")
    page = await client.get(f"{ROOT}/{call_id}/participants_v2?$select=id")
    assert set(record) - {"sessions", "sessions@odata.context"} == {"@odata.context", "id", "version", "type"}
    assert [set(each) for each in page["value"]] == [{"id"}, {"id"}]


async def test_the_key_may_stand_in_brackets(client, world):
    document = a_call_record()
    world.put(document)
    sessions = await client.get(f"{ROOT}('{document['id']}')/sessions?$expand=segments")
    assert sessions["value"] == document["sessions"]
    organizer = await client.get(f"/beta/communications/callRecords('{document['id']}')/organizer_v2")
    assert organizer["id"] == document["organizer_v2"]["id"]


async def test_a_record_without_sessions_has_none_even_expanded(client, world):
    call_id = world.put(a_call_record(no_sessions=True)).id
    assert "sessions" not in await client.get(f"{ROOT}/{call_id}?{EVERYTHING}")


async def test_unknown_late_and_old_records_are_the_same_404(client, world):
    old = world.put(a_call_record(start=datetime.now(UTC) - timedelta(days=31))).id
    late = world.put(a_call_record(), visible_after_s=60).id
    for call_id in (old, late, "00000000-0000-4000-8000-00000000dead"):
        status, body, headers = await client.ask("GET", f"{ROOT}/{call_id}", headers={"client-request-id": "mine"})
        assert (status, body["error"]["code"]) == (404, "NotFound")
        inner = body["error"]["innerError"]
        assert inner["client-request-id"] == headers["client-request-id"] == "mine"
        assert inner["request-id"] == headers["request-id"]
        assert headers["Date"].endswith("GMT")


async def test_a_late_record_can_be_read_in_time(client, world):
    call_id = world.put(a_call_record(), visible_after_s=60, notify=False).id
    world.change_settings({"clock_offset_s": 61})
    assert (await client.get(f"{ROOT}/{call_id}"))["id"] == call_id


async def test_a_higher_version_takes_the_place_of_a_lower_one_never_the_other_way(client, world):
    document = a_call_record(version=2)
    world.put(document)
    world.put({**document, "version": 1})
    assert (await client.get(f"{ROOT}/{document['id']}"))["version"] == 2
    world.bump(document["id"])
    assert (await client.get(f"{ROOT}/{document['id']}"))["version"] == 3


@pytest.mark.parametrize("query", ["$expand=media", "$orderby=startDateTime", "$top=5", "$expand=sessions($top=1)"])
async def test_what_graph_does_not_document_is_refused(client, world, query):
    call_id = world.put(a_call_record()).id
    assert (await client.ask("GET", f"{ROOT}/{call_id}?{query}"))[0] == 400


async def test_a_blind_follower_of_the_documented_link_gets_metadata(client):
    status, _, headers = await client.ask("GET", "/v1.0/$metadata#communications/callRecords")
    assert (status, headers["Content-Type"].split(";")[0]) == (200, "application/xml")


async def test_an_unknown_segment_is_a_400_in_graphs_shape(client):
    status, body, _ = await client.ask("GET", "/v1.0/communications/onlineMeetings")
    assert (status, body["error"]["code"]) == (400, "BadRequest")


# -- the list


def calls_on(world, *days):
    now = datetime.now(UTC)
    return [world.put(a_call_record(start=now - timedelta(days=day))).id for day in days]


def quoted(moment):
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


async def test_the_list_holds_what_can_be_read_and_no_expansions(client, world):
    world.put(a_call_record(), visible_after_s=60)
    calls_on(world, 31)
    ids = calls_on(world, 1, 2)
    page = await client.get(ROOT)
    assert [each["id"] for each in page["value"]] == ids
    assert all("organizer_v2" in each and "sessions" not in each for each in page["value"])
    assert (await client.ask("GET", f"{ROOT}?$expand=sessions"))[0] == 400


async def test_the_list_filters_by_start_and_by_participant(client, world):
    ids = calls_on(world, 1, 2, 3)
    since, until = (quoted(datetime.now(UTC) - timedelta(days=days)) for days in (2.5, 1.5))
    window = f"startDateTime ge {since} and startDateTime lt {until}"
    page = await client.get(f"{ROOT}?$filter={window}&$select=id,version")
    assert [set(each) for each in page["value"]] == [{"id", "version"}]
    assert page["value"][0]["id"] == ids[1]
    person = world.document(ids[2])["participants_v2"][0]["id"]
    page = await client.get(f"{ROOT}?$filter=participants_v2/any(p:p/id eq '{person}')")
    assert [each["id"] for each in page["value"]] == [ids[2]]


async def test_the_list_is_paged_and_carries_its_filter_along(client, world):
    world.change_settings({"list_page": 2})
    ids = calls_on(world, 1, 9, 2, 9, 3, 9)
    link = f"{ROOT}?$filter=startDateTime ge {quoted(datetime.now(UTC) - timedelta(days=5))}"
    assert [each["id"] for each in await all_pages(client, link)] == [ids[0], ids[2], ids[4]]


@pytest.mark.parametrize(
    "text",
    [
        "endDateTime ge 2026-01-01T00:00:00Z",
        "startDateTime ge yesterday",
        "startDateTime ge 2026-01-01",
        "startDateTime ge 2026-01-01T00:00:00Z or type eq 'groupCall'",
        "participants/any(p:p/id eq 'x')",
    ],
)
async def test_the_list_refuses_other_filters(client, text):
    status, body, _ = await client.ask("GET", f"{ROOT}?$filter={text}")
    assert (status, "filter" in body["error"]["message"]) == (400, True)


async def test_tenants_do_not_see_each_other(client, world):
    call_id = world.put(a_call_record(), tenant_id="00000000-0000-4000-8000-000000000009").id
    assert (await client.ask("GET", f"{ROOT}/{call_id}"))[0] == 404
