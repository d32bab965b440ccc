"""The sentence to paste and the recommendation, of the calls that a helpdesk sees most."""

import pytest

from app.archive.diagnosis.as_json import person
from app.archive.diagnosis.measured import Quantity, measured
from app.simulator.records import a_call_record
from tests.archive.diagnosis.calls import CABLE, DELAY, JITTER, LOSS, UNREPORTED, WIFI_5, WIFI_24, a_call, fail, rate
from tests.archive.diagnosis.detail import diagnosed
from tests.archive.diagnosis.test_causes import CASES, back_again
from tests.some import some

WIFI_WORDS = ("wi-fi", "wifi", "ghz", "access point", "bssid")
LOSS_LINE = "Ada Ashgrove's Wi-Fi: 2.4 GHz, signal 24 %, link 6.5 Mbit/s; packet loss 27 % (limit 10 %)."

SENTENCES = {
    "weak Wi-Fi, the other end fine": (
        a_call(ada=WIFI_24, to_ada=LOSS, to_bea={"averagePacketLossRate": 0.02}),
        f"{LOSS_LINE} Bea Birkwood, on a cable, had good quality. Try 5 GHz or a cable.",
    ),
    "weak Wi-Fi, no loss at the other end": (
        a_call(ada=WIFI_24, to_ada=LOSS),
        f"{LOSS_LINE} Bea Birkwood, on a cable, had no loss. Try 5 GHz or a cable.",
    ),
    "jitter of a person without telemetry": (
        a_call(ada=UNREPORTED, to_ada=JITTER),
        (
            "Ada Ashgrove: jitter 45 ms (limit 30 ms). Bea Birkwood, on a cable, had good quality."
            " Check other traffic on the same line and give the media of Teams priority (QoS)."
        ),
    ),
    "TCP": (
        a_call(ada=CABLE | {"networkTransportProtocol": "tcp"}, to_ada=DELAY, meeting=True),
        (
            "Ada Ashgrove, on a cable: transport TCP, round trip 640 ms (limit 500 ms)."
            " Allow UDP ports 3478 to 3481 to Microsoft 365 in the firewall."
        ),
    ),
    "a VPN": (
        a_call(ada=CABLE | {"connectionType": "tunnel"}, to_ada=DELAY, meeting=True),
        (
            "Ada Ashgrove, over a VPN: round trip 640 ms (limit 500 ms)."
            " Try without the VPN, or let the media of Teams bypass it."
        ),
    ),
    "a speaker": (
        a_call(ada_device={"renderNotFunctioningEventRatio": 0.3}),
        (
            "Ada Ashgrove: speaker not working in 30 % of the call (limit 0.5 % of the call)."
            " Try another speaker or headset, or the newest driver of this one."
        ),
    ),
    "a call that was not set up": (
        a_call(failed=True),
        (
            "Graph reports a failure at call setup of Ada Ashgrove's call to Bea Birkwood"
            ' ("The callee could not be reached"). Call again; if it repeats, check that UDP ports 3478 to 3481 to'
            " Microsoft 365 are open and that the callee is reachable."
        ),
    ),
    "a connection that was lost": (
        fail(a_call(), "midcall", None),
        (
            "Ada Ashgrove lost the connection after 12 min. Check the connection of this person at that time:"
            " network change, standby of the computer, or VPN."
        ),
    ),
}


@pytest.mark.parametrize("case", SENTENCES)
def test_one_sentence_says_who_what_and_what_to_do(case):
    record, sentence = SENTENCES[case]
    assert diagnosed(record)[0].sentence == sentence


def test_where_the_cause_is_at_the_other_end_that_person_is_asked():
    found = {one.person.identity["display_name"]: one for one in diagnosed(a_call(ada=WIFI_24, to_bea=LOSS))}
    ada, bea = found["Ada Ashgrove"], found["Bea Birkwood"]
    assert ada.sentence == bea.sentence
    assert bea.recommendation == "Ask Ada Ashgrove to try 5 GHz or a cable."


def test_a_person_on_a_cable_is_never_asked_to_check_wifi():
    found = [(case, one) for case, (record, *_) in CASES.items() for one in diagnosed(record)]
    wired = [(case, one) for case, one in found if one.connection.type == "wired"]
    for case, one in some(wired):
        own = one.recommendation if one.verdict.cause.owner == "own" else ""
        assert not [word for word in WIFI_WORDS if word in own.lower()], case


def test_low_confidence_names_whose_telemetry_is_missing():
    (ada,) = diagnosed(a_call(ada=UNREPORTED, to_ada=LOSS))
    assert ada.verdict.reasons == ["no network telemetry from Ada Ashgrove"]


def test_the_other_people_of_a_meeting_are_counted():
    meeting = {"type": "groupCall", "participants": 6, "seed": 3}
    (only,) = diagnosed(a_call_record(poor_sessions=1, **meeting))
    assert "All 5 other people had good quality." in only.sentence
    everybody = diagnosed(a_call_record(poor=True, **meeting))
    assert {one.verdict.confidence for one in everybody} == {"medium"}
    assert everybody[0].verdict.reasons == ["5 of 5 other people had poor quality, too"]


def test_leaving_and_joining_again_is_said():
    record = back_again()
    first, second = (one["segments"][0] for one in record["sessions"])
    first["endDateTime"], second["startDateTime"] = "2026-03-02T08:05:00Z", "2026-03-02T08:06:40Z"
    (ada,) = diagnosed(record)
    assert ada.failure.back_after_seconds == 100
    assert ", back after 1 min 40 s." in ada.sentence


def test_values_stand_beside_their_limits_with_units():
    (ada,) = [person(one) for one in diagnosed(a_call(ada=WIFI_5 | {"wifiSignalStrength": 30}, to_ada=LOSS))]
    shown = {one["name"]: (one["of"], one["text"], one["limit_text"]) for one in ada["measured"]}
    assert shown == {
        "averagePacketLossRate": ("streams", "27 %", "limit 10 %"),
        "wifiSignalStrength": ("own", "30 %", "at least 50 %"),
    }
    assert ada["other_end"]["was_fine"] is True


@pytest.mark.parametrize(
    ("value", "text"), [(0.1004, "10.04 %"), (0.1, "10 %"), (0.27, "27 %"), (0.0004, "0.04 %"), (1, "100 %")]
)
def test_a_value_beyond_its_limit_never_looks_like_the_limit(value, text):
    assert measured(Quantity("averagePacketLossRate", "packet loss", "%", 100), value, 0.1).text == text


def test_an_unusual_record_is_diagnosed_as_well():
    for options in ({"shape": "beta"}, {"nulls": False}, {"unknown_members": True}, {"float_integers": True}):
        assert diagnosed(a_call_record(poor=True, seed=2, **options))
    assert diagnosed(a_call_record(no_sessions=True)) == []
    assert diagnosed(a_call_record(type="groupCall", queue=True, participants=3, seed=1)) == []


def test_a_rating_alone_is_no_proof():
    (ada,) = diagnosed(rate(a_call(), "bad"))
    assert (ada.verdict.confidence, ada.verdict.reasons) == ("low", ["only the rating says so"])
