"""Invented calls: the same for the same seed, and every shape that Graph is known to give."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from app.simulator.records import a_call_record
from tests.some import some

START = datetime(2026, 1, 13, 9, tzinfo=UTC)


def streams_of(document):
    for session in document["sessions"]:
        for segment in session["segments"]:
            for medium in segment["media"]:
                yield from ((medium["label"], stream) for stream in medium["streams"])


def seconds(duration):
    return float(duration.removeprefix("PT").removesuffix("S"))


def test_a_seed_and_a_start_make_the_same_call_and_no_seed_another():
    assert a_call_record(seed=1, start=START) == a_call_record(seed=1, start=START)
    assert a_call_record(seed=1)["id"] != a_call_record(seed=2)["id"]
    assert a_call_record()["id"] != a_call_record()["id"]


def test_an_unknown_option_is_refused():
    with pytest.raises(TypeError):
        a_call_record(colour="red")


def test_two_people_talk_in_one_session_of_the_calls_own_id():
    document = a_call_record(id="4d1c0000-0000-4000-8000-000000000001", seed=1)
    [session] = document["sessions"]
    assert session["id"] == session["segments"][0]["id"] == document["id"]
    assert len(document["participants_v2"]) == 2
    assert 6_000 < len(json.dumps(document)) < 14_000


def test_times_have_seven_digits_and_links_more_than_31_bits():
    documents = [a_call_record(seed=seed) for seed in range(30)]
    digits = {len(each["startDateTime"].partition(".")[2]) - 1 for each in documents}
    links = {
        medium[side]["linkSpeed"]
        for each in documents
        for medium in each["sessions"][0]["segments"][0]["media"]
        for side in ("callerNetwork", "calleeNetwork")
    }
    assert 7 in digits
    assert max(links) == 4_294_967_295


def test_a_telephone_takes_part_under_its_number():
    phone = a_call_record(pstn=True, seed=1)["participants_v2"][1]
    assert phone["id"].startswith("+")
    assert phone["identity"]["phone"] == {"id": phone["id"], "displayName": None, "tenantId": None}
    assert phone["identity"]["user"] is None


@pytest.mark.parametrize(
    ("option", "place"),
    [
        ("guests", "guest"),
        ("acs_users", "azureCommunicationServicesUser"),
        ("application_instances", "applicationInstance"),
    ],
)
def test_others_take_part_under_their_own_kind(option, place):
    document = a_call_record(type="groupCall", participants=3, seed=1, **{option: 1})
    assert [bool(each["identity"][place]) for each in document["participants_v2"]] == [False, False, True]


def test_federated_people_are_users_of_another_tenant():
    first, second = a_call_record(federated=1, seed=1)["participants_v2"]
    tenants = [each["identity"]["user"]["tenantId"] for each in (first, second)]
    assert tenants[0] != tenants[1]


def test_group_calls_meet_a_service():
    document = a_call_record(type="groupCall", participants=3, seed=1)
    agents = [session["callee"]["userAgent"] for session in document["sessions"]]
    assert [agent["role"] for agent in agents] == ["mediaController"] * 3
    assert document["joinWebUrl"].startswith("https://teams.microsoft.com/l/meetup-join/")


def test_sessions_may_share_an_id():
    document = a_call_record(type="groupCall", participants=4, sessions=6, repeated_sessions=2, seed=1)
    ids = [session["id"] for session in document["sessions"]]
    assert (len(ids), len(set(ids))) == (6, 4)


def test_the_old_beta_shape_knows_identity_sets_only():
    document = a_call_record(shape="beta", seed=1)
    caller = document["sessions"][0]["caller"]
    assert {"organizer_v2", "participants_v2"}.isdisjoint(document)
    assert document["organizer"]["user"]["id"] == caller["identity"]["user"]["id"]
    assert {"name", "cpuName", "associatedIdentity"}.isdisjoint(caller)
    assert "isTest" not in document["sessions"][0]


def test_deprecated_fields_can_stand_beside_the_newer_ones():
    document = a_call_record(deprecated=True, seed=1)
    assert document["organizer"]["user"]["id"] == document["organizer_v2"]["id"]
    assert len(document["participants"]) == 2


@pytest.mark.parametrize("poor", [False, True])
def test_good_and_poor_calls_lie_on_their_sides_of_microsofts_limits(poor):
    labels = []
    for label, stream in some(streams_of(a_call_record(poor=poor, video=True, sharing=True, seed=1))):
        labels.append(label)
        assert stream["packetUtilization"] > 500
        if label == "main-audio":
            assert (seconds(stream["averageRoundTripTime"]) > 0.5) is poor
            assert (stream["averagePacketLossRate"] > 0.1) is poor
            assert (seconds(stream["averageJitter"]) > 0.03) is poor
        else:
            least = {"main-video": 7, "applicationsharing-video": 1}[label]
            assert (stream["averageVideoFrameLossPercentage"] > 50) is poor
            assert (stream["averageVideoFrameRate"] < least) is poor
    assert set(labels) == {"main-audio", "main-video", "applicationsharing-video"}


def test_a_failed_call_says_why_and_has_no_media():
    document = a_call_record(failed=True, seed=1)
    [segment] = document["sessions"][0]["segments"]
    assert document["startDateTime"][:19] == document["endDateTime"][:19]
    assert segment["failureInfo"]["stage"] == "callSetup"
    assert segment["media"] == []


def test_feedback_has_a_rating_tokens_and_words():
    feedback = a_call_record(feedback=True, poor=True, seed=1)["sessions"][0]["caller"]["feedback"]
    assert feedback["rating"] in {"bad", "poor"}
    assert feedback["tokens"]["NoSound"] is True
    assert feedback["text"]


def test_nulls_can_be_left_out_and_extras_put_in_at_every_level():
    bare = a_call_record(nulls=False, seed=1)
    assert "null" not in json.dumps(bare)
    rich = json.dumps(a_call_record(extras=True, seed=1))
    assert rich.count("propertyOfTomorrow") > 20


def test_a_record_may_have_no_sessions_or_no_media():
    assert "sessions" not in a_call_record(no_sessions=True, seed=1)
    assert list(streams_of(a_call_record(empty_media=True, seed=1))) == []


def test_the_duration_may_be_seconds_and_the_end_follows_it():
    document = a_call_record(seed=1, start=START, duration=90)
    assert document["endDateTime"].startswith("2026-01-13T09:01:30")
    document = a_call_record(seed=1, start=START, duration=timedelta(hours=1))
    assert document["endDateTime"].startswith("2026-01-13T10:00:00")


def test_a_meeting_of_thousands_is_made():
    document = a_call_record(type="groupCall", participants=2900, sessions=3000, seed=1)
    assert (len(document["sessions"]), len(document["participants_v2"])) == (3000, 2900)


def test_odd_identities_numbers_and_muted_people_can_be_had():
    document = a_call_record(
        type="groupCall", participants=3, odd_identities=["onPremises"], odd_numbers=True, muted=True, seed=1
    )
    assert [bool(each["identity"]["onPremises"]) for each in document["participants_v2"]] == [False, False, True]
    for _, stream in some(streams_of(document)):
        assert stream["averageAudioDegradation"] == "NaN"
        assert stream["packetUtilization"] < 500
