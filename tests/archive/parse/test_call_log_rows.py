"""Rows of the PSTN and Direct Routing logs: what of them becomes a column, and what is never guessed."""

from datetime import UTC, datetime
from decimal import Decimal
from hashlib import sha256

import orjson
import pytest

from app import wire
from app.archive.documents import codec
from app.archive.parse.call_logs import amounts, call_types, masked
from app.archive.schema.microseconds import moment
from tests.archive.call_logs.log_rows import CALL, NOW, PSTN, REFUSED, USER, direct_routing, pstn

IN, OUT, UNKNOWN = call_types.INBOUND, call_types.OUTBOUND, call_types.UNKNOWN
CALL_TYPES = {  # value: direction, voice app, audio conferencing
    "user_in": (IN, False, False),
    "user_out": (OUT, False, False),
    "user_out_conf": (OUT, False, False),
    "user_out_transfer": (OUT, False, False),
    "user_out_forwarding": (OUT, False, False),
    "conf_in": (IN, False, True),
    "conf_out": (OUT, False, True),
    "ucap_in": (IN, True, False),
    "ucap_out": (OUT, True, False),
    "unassigned_in": (IN, False, False),
    "oc_ucap_in": (IN, True, False),
    "oc_user_out": (OUT, False, False),
    "oc_conf_in": (IN, False, True),
    "ByotIn": (IN, False, False),
    "ByotOut": (OUT, False, False),
    "ByotInUcap": (IN, True, False),
    "byotinucap": (IN, True, False),
    "ByotOutUserTransfer": (OUT, False, False),
    "ByotOutUserForwarding": (OUT, False, False),
    "ByotEmergencyOut": (OUT, False, False),
    "dr_in": (IN, False, False),
    "dr_in_bot": (IN, True, False),
    "dr_out_ucap": (OUT, True, False),
    "dr_emergency_out": (OUT, False, False),
    "dr_unassigned_in": (IN, False, False),
    "dr_out_user_conf": (OUT, False, False),
    "inventory": (UNKNOWN, False, False),
    "outage_internal": (UNKNOWN, False, False),
    "": (UNKNOWN, False, False),
    None: (UNKNOWN, False, False),
    "x" * 100_000: (UNKNOWN, False, False),
}


def test_direction_and_voice_apps_follow_from_the_words_of_the_call_type(subtests):
    for call_type, expected in CALL_TYPES.items():
        with subtests.test(call_type=(call_type or "")[:30]):
            found = call_types.meaning(call_type)
            assert (found.direction, found.is_voice_app, found.is_conference) == expected
            spelled = (call_type or "").lower()
            assert (found.is_forwarding, found.is_transfer) == ("forwarding" in spelled, "transfer" in spelled)


NUMBERS = {  # as Graph writes it: known digits, masked digits
    "+49301239900": ("49301239900", 0),
    "+49301230***": ("49301230", 3),
    "+41225550****": ("41225550", 4),
    "0041 22 555 01 46": ("41225550146", 0),
    "030 1239900": ("0301239900", 0),
    "+1001": ("1001", 0),
    "1001": ("1001", 0),
    "+4930555000;ext=12": ("4930555000", 0),
    "+4930555000@sbc1.fabrikam.example": ("4930555000", 0),
    "Reception": None,
    "Internal Revenue Service": None,
    "anonymous": None,
    "+49*01": None,
    "": None,
    None: None,
}


def test_numbers_are_compared_by_their_digits(subtests):
    for number, expected in NUMBERS.items():
        with subtests.test(number=number):
            assert masked.digits(number) == (expected and masked.Digits(*expected))


def test_a_masked_number_is_compared_by_its_unmasked_prefix():
    hidden = masked.digits("+49301230***")
    assert hidden.may_be("49301230123")
    assert not hidden.may_be("4930123012")
    assert not hidden.may_be("49301231123")


AMOUNTS = {
    b"0.04": ("0.04", 40_000),
    b"0.00": ("0", 0),
    b"12": ("12", 12_000_000),
    b"-1.5": ("-1.5", -1_500_000),
    b'"0.10"': ("0.10", 100_000),
    b"0.123456789012": ("0.123456789012", 123_457),
    b"123456789.123456789": ("123456789.123456789", 123_456_789_123_457),
    b"1e3": ("1000", 1_000_000_000),
    b"0.0000000000000001": None,
    b"1e400": None,
    b"1000000000000": None,
    b'"free"': None,
    b"true": None,
    b"null": None,
    b"[]": None,
}


def test_charges_are_exact(subtests):
    for written, expected in AMOUNTS.items():
        with subtests.test(written=written):
            found = amounts.amount(wire.parsed(written))
            assert found == (Decimal(expected[0]) if expected else None)
            assert amounts.millionths(found) == (expected and expected[1])


def test_every_documented_property_of_a_pstn_row_is_read():
    row = pstn()
    columns = row.columns
    assert (row.kind, row.row_id) == ("pstn", PSTN["id"])
    assert moment(columns["start_at"]) == datetime(2026, 3, 2, 8, 14, 9, 441731, tzinfo=UTC)
    assert columns["ordered_at"] == columns["start_at"]
    assert (columns["talk_seconds"], columns["duration"]) == (161.0, 161)
    assert (columns["occupied_from"], columns["occupied_until"]) == (columns["start_at"], columns["end_at"])
    assert (columns["user_id"], columns["user_address"]) == (USER, "mira.holm@fabrikam.example")
    assert (columns["callee_digits"], columns["callee_hidden_digits"]) == ("49301230", 3)
    assert (columns["charge"], columns["charge_millionths"]) == (Decimal("0.04"), 40_000)
    assert (columns["direction"], columns["is_voice_app"], columns["join_id"]) == (OUT, False, None)
    texts = ("currency", "operator", "destination_name", "license_capability", "inventory_type", "call_duration_source")
    assert [columns[name] for name in texts] == ["EUR", "Microsoft", "Germany", "MCOPSTN5", "Subscriber", "microsoft"]


def test_every_documented_property_of_a_direct_routing_row_is_read():
    columns = direct_routing().columns
    assert columns["failure_at"] is None  # 0001-01-01
    assert columns["talk_seconds"] == pytest.approx(278.713)
    assert columns["duration"] == 279
    assert columns["occupied_from"] == columns["invite_at"] < columns["start_at"]
    assert columns["occupied_until"] == columns["end_at"]
    assert (columns["trunk"], columns["media_bypass_enabled"]) == ("sbc1.fabrikam.example", False)
    assert (columns["final_sip_code"], columns["final_sip_code_phrase"], columns["call_end_sub_reason"]) == (
        0,
        "BYE",
        540000,
    )
    assert (columns["successful_call"], columns["join_id"]) == (True, CALL)
    refused = direct_routing(REFUSED).columns
    assert (refused["talk_seconds"], refused["occupied_until"]) == (0.0, refused["failure_at"])
    assert (refused["callee_number"], refused["callee_digits"]) == ("Reception", None)


ODD = {  # what Graph or a carrier may write: the columns that follow
    "no times": (
        {"startDateTime": None, "endDateTime": "0001-01-01T00:00:00Z"},
        {"start_at": None, "end_at": None, "talk_seconds": 161.0, "occupied_from": None},
    ),
    "an end before the start": (
        {"endDateTime": "2026-03-02T08:00:00Z"},
        {"talk_seconds": 161.0, "occupied_from": None, "occupied_until": None},
    ),
    "no end": ({"endDateTime": None}, {"talk_seconds": 161.0}),
    "a duration that is no number": (
        {"duration": "long", "endDateTime": None},
        {"duration": None, "talk_seconds": None},
    ),
    "a GUID as callId": ({"callId": "{" + CALL.upper() + "}"}, {"join_id": CALL}),
    "no user": ({"userId": "", "userPrincipalName": None}, {"user_id": None, "user_address": None}),
    "other types": (
        {"callType": 5, "charge": [], "currency": {}},
        {"call_type": None, "charge": None, "currency": None},
    ),
    "NUL": ({"destinationName": "a\0b"}, {"destination_name": "a\ufffdb"}),
}


def test_odd_values_become_null_and_stay_in_the_document(subtests):
    for name, (changes, expected) in ODD.items():
        with subtests.test(name):
            row = pstn(**changes)
            assert {column: row.columns[column] for column in expected} == expected
            assert orjson.loads(codec.unpack(row.columns["document"])) == PSTN | changes


def test_a_direct_routing_row_without_an_end_has_no_talk_time_of_its_own():
    columns = direct_routing(endDateTime=None).columns  # its duration has the time of ringing in it
    assert columns["talk_seconds"] is None
    assert columns["occupied_until"] - columns["occupied_from"] == 279_000_000


def test_an_unknown_property_is_in_the_document_and_in_the_hash():
    row = pstn(otherPartyCountryCode="DK")
    assert orjson.loads(codec.unpack(row.columns["document"]))["otherPartyCountryCode"] == "DK"
    assert row.columns["content_hash"] != pstn().columns["content_hash"]


def test_another_order_of_properties_is_the_same_content():
    turned = dict(reversed(PSTN.items()))
    assert pstn().columns["content_hash"] == sha256(orjson.dumps(dict(sorted(turned.items())))).digest()


def test_a_row_without_an_id_is_known_by_its_content():
    first, second = pstn(id=None), pstn(id=" ")
    assert first.row_id.startswith("sha256:")
    assert first.row_id != second.row_id
    assert pstn(id="{" + PSTN["id"].upper() + "}").row_id == PSTN["id"]


def test_a_row_larger_than_any_row_can_be_is_left_out():
    assert pstn(destinationName="x" * 70_000) is None


def test_rows_that_nobody_dated_are_ordered_by_when_they_were_seen():
    row = pstn(startDateTime=None, endDateTime=None)
    assert moment(row.columns["ordered_at"]) == NOW
