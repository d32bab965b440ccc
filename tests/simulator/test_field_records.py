"""Calls as administrators see them in the field: queue calls, people missing in lists, odd identities."""

import re
from datetime import UTC, datetime

import pytest

from app.simulator.calls import KINDS
from app.simulator.records import a_call_record
from tests.some import some

START = datetime(2026, 1, 13, 9, 0, tzinfo=UTC)


def a_call(kind, **more):
    return a_call_record(**{"seed": 1, "start": START, **KINDS[kind], **more})


def identities(document):
    """Every associatedIdentity of a session's end."""
    ends = [session[end] for session in document["sessions"] for end in ("caller", "callee")]
    return [end["associatedIdentity"] for end in ends if end.get("associatedIdentity")]


def length(part):
    return part["startDateTime"] != part["endDateTime"]


def roles(document):
    return [session["callee"]["userAgent"]["role"] for session in document["sessions"]]


def test_a_queue_call_runs_through_an_auto_attendant_and_a_queue_to_one_agent():
    document = a_call("queue")
    assert document["type"] == "groupCall"
    assert document["organizer_v2"]["id"].startswith("+4930")
    assert roles(document)[:2] == ["skypeForBusinessAutoAttendant", "skypeForBusinessCallQueues"]
    assert document["sessions"][0]["id"] == document["sessions"][1]["id"]
    with_media = [session for session in document["sessions"] if session["segments"][0]["media"]]
    [answered] = with_media
    assert answered["failureInfo"] is None
    assert answered["caller"]["associatedIdentity"]["displayName"]


def test_agents_who_only_rang_have_sessions_without_length_and_a_failure_and_stand_in_no_list():
    document = a_call("queue", agents_rang=3)
    rang = [session for session in document["sessions"] if not length(session)]
    assert [session["failureInfo"] for session in rang] == [{"reason": "", "stage": "callSetup"}] * 3
    assert all(not length(segment) and segment["failureInfo"] for each in rang for segment in each["segments"])
    listed = {person["id"] for person in document["participants_v2"]}
    assert listed.isdisjoint(each["caller"]["associatedIdentity"]["id"] for each in rang)


def test_resource_accounts_are_users_without_a_name_and_programs_and_the_pseudo_user_take_part():
    document = a_call("queue")
    _, attendant, queue, _ = document["participants_v2"]
    assert [each["identity"]["user"]["displayName"] for each in (attendant, queue)] == [None, ""]
    text = str(document["sessions"])
    assert "9e133cac-5238-4d1e-aaa0-d8ff4ca23f4e" in text
    assert "ce933385-9390-45d1-9512-c8d228074e07" in text
    assert "11cd3e2e-fccb-42ad-ad00-878b93575e07" in text


def test_a_missed_queue_call_has_no_agent_who_talked():
    document = a_call("queue_missed")
    assert not any(segment["media"] for session in document["sessions"] for segment in session["segments"])
    assert sum(not length(session) for session in document["sessions"]) == 2


def test_a_person_stands_only_in_a_session():
    document = a_call("only_in_sessions")
    listed = {person["id"] for person in document["participants_v2"]}
    missing = [each for each in identities(document) if each["id"] not in listed]
    assert (len(listed), len(missing)) == (3, 1)
    assert missing[0]["userPrincipalName"].endswith("@contoso.example")
    assert missing[0]["displayName"]


def test_a_guest_may_have_an_id_without_dashes():
    guest = next(each for each in a_call("only_in_sessions")["participants_v2"] if each["identity"]["guest"])
    assert re.fullmatch("[0-9a-f]{32}", guest["id"])


def test_numbers_may_be_masked_and_stand_alone_in_a_session():
    document = a_call("masked_number")
    number = document["participants_v2"][1]["id"]
    assert re.fullmatch(r"\+4930\d+\*{4}", number)
    bare = next(each for each in identities(document) if each["id"] == number)
    assert (bare["displayName"], bare["userPrincipalName"]) == (None, None)


@pytest.mark.parametrize(
    ("form", "pattern"), [("prefixed", r"8:orgid:[0-9a-f-]{36}"), ("braces", r"\{[0-9a-f-]{36}\}")]
)
def test_ids_in_sessions_may_be_written_differently_than_in_participants(form, pattern):
    document = a_call_record(session_ids=form, seed=1)
    assert all(re.fullmatch(pattern, each["id"]) for each in some(identities(document)))
    assert all(len(person["id"]) == 36 for person in some(document["participants_v2"]))


def test_a_number_in_a_session_may_be_prefixed():
    document = a_call_record(pstn=True, bare_numbers=True, session_ids="prefixed", seed=1, sessions=2)
    assert any(re.fullmatch(r"4:\+4930\d+", each["id"]) for each in identities(document))


def test_a_set_may_hold_several_identities_or_an_empty_user():
    several = a_call_record(several_identities=True, seed=1)["participants_v2"][0]["identity"]
    assert several["user"]["id"]
    assert several["phone"]["id"].startswith("+")
    [_, phone] = a_call_record(pstn=True, empty_user=True, seed=1)["participants_v2"]
    assert phone["identity"]["user"] == {}
    assert phone["identity"]["phone"]["id"] == phone["id"]


def test_names_may_be_the_word_none_and_an_identity_only_an_address():
    [_, phone] = a_call_record(pstn=True, none_names=True, seed=1)["participants_v2"]
    assert phone["identity"]["phone"] == {"id": phone["id"], "displayName": "None", "tenantId": "None"}
    document = a_call_record(address_only=True, seed=1)
    assert [list(each) for each in identities(document)] == [["userPrincipalName"]] * 2


@pytest.mark.parametrize(("year", "time"), [("0001", "0001-01-01T00:00:00Z"), ("9999", "9999-12-31T23:59:59.9999999Z")])
def test_times_that_graph_does_not_know_are_written_in_its_own_way(year, time):
    document = a_call_record(unknown_end=year, seed=1)
    assert document["endDateTime"] == document["sessions"][0]["endDateTime"] == time
    assert a_call_record(unknown_start=year, seed=1)["startDateTime"] == time


def test_an_int64_may_be_written_with_a_decimal_point():
    document = a_call("float_integers")
    streams = [
        stream
        for session in document["sessions"]
        for segment in session["segments"]
        for medium in segment["media"]
        for stream in medium["streams"]
    ]
    assert streams
    assert all(isinstance(stream["packetUtilization"], float) for stream in streams)
    assert all(stream["packetUtilization"].is_integer() for stream in streams)


@pytest.mark.anyio
@pytest.mark.parametrize("recipe", [{"unknown_end": "0001"}, {"unknown_end": "9999"}, {"unknown_start": "0001"}])
async def test_a_record_with_an_unknown_time_can_be_read(client, world, recipe):
    call_id = world.put(a_call_record(**recipe)).id
    assert (await client.get(f"/v1.0/communications/callRecords/{call_id}"))["id"] == call_id


@pytest.mark.anyio
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "large_meeting"])
async def test_every_kind_can_be_made_over_control(client, kind):
    [call_id] = (await client.control("POST", "/calls", {"kind": kind}))["ids"]
    record = await client.get(f"/v1.0/communications/callRecords/{call_id}")
    assert record["id"] == call_id
