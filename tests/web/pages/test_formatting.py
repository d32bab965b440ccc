"""Formatting of times, durations, sizes and Graph's enumeration members: tables of cases."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from app.archive.parse.identities.shown_name import shown_name
from app.web.pages.shared import enum_labels, formatting

AT = datetime(2026, 3, 1, 8, 15, 30, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, formatting.NOTHING),
        (0, "0 s"),
        (0.0164, "16 ms"),
        (59.6, "1 min"),
        (243, "4 min 3 s"),
        (4320, "1 h 12 min"),
        (2 * 86400 + 3 * 3600 + 59, "2 d 3 h"),
        (86400 + 300, "1 d"),  # as in status and doctor: never two units that are not neighbours
        (-90, "\u22121 min 30 s"),
    ],
)
def test_a_duration_has_its_two_largest_units(seconds, text):
    assert formatting.duration(seconds) == text


def test_an_amount_has_two_decimal_places_or_all_that_it_needs(subtests):
    for given, text in {
        "0.3": "0.30",
        "0.040": "0.04",
        "1E+3": "1000.00",
        "0.00120": "0.0012",
        "-0.5": "-0.50",
        "0": "0.00",
    }.items():
        with subtests.test(given=given):
            assert formatting.amount(Decimal(given)) == text


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (None, formatting.NOTHING),
        (0, "0 B"),
        (999, "999 B"),
        (1400, "1.4 kB"),
        (123_456, "123 kB"),
        (5.3e6, "5.3 MB"),
        (9e15, "9000 TB"),
    ],
)
def test_sizes_use_si_units(count, text):
    assert formatting.size(count) == text


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [(0, 0, formatting.NOTHING), (0, 7, "0 %"), (1, 3, "33 %"), (7, 430, "1.6 %"), (None, 3, formatting.NOTHING)],
)
def test_a_share_has_a_decimal_below_ten_per_cent(part, whole, text):
    assert formatting.share(part, whole) == text


@pytest.mark.parametrize(
    ("away", "text"), [(0, "now"), (245, "4 min 5 s ago"), (-3 * 86400, "in 3 d"), (-3600.4, "in 1 h")]
)
def test_ago_works_for_past_and_future(away, text):
    assert formatting.ago(AT - timedelta(seconds=away), AT) == text


def test_an_unknown_time_is_never():
    assert formatting.ago(None, AT) == "never"


def test_a_time_is_shown_in_the_zone_and_for_programs_in_utc():
    assert formatting.moment(AT, BERLIN) == "2026-03-01 09:15"
    assert formatting.second(AT, ZoneInfo("Asia/Kolkata")) == "2026-03-01 13:45:30"
    assert formatting.iso(AT.astimezone(BERLIN)) == "2026-03-01T08:15:30Z"


@pytest.mark.parametrize(("hour", "text"), [(0, "02:30:00 CEST"), (1, "02:30:00 CET"), (2, "03:30:00")])
def test_the_repeated_hour_shows_its_zone_abbreviation(hour, text):
    assert formatting.clock(datetime(2026, 10, 25, hour, 30, tzinfo=UTC), BERLIN) == text


@pytest.mark.parametrize(
    ("known", "text"),
    [
        ({"display_name": "Ada", "user_principal_name": "ada@contoso.com", "id": "1"}, "Ada"),
        ({"display_name": "", "user_principal_name": "ada@contoso.com", "id": "1"}, "ada@contoso.com"),
        ({"display_name": None, "user_principal_name": None, "id": "+4930123"}, "+4930123"),
        ({"display_name": "None", "user_principal_name": "none", "id": "+4930123", "kind": "phone"}, "+4930123"),
        ({"display_name": " ", "id": "4:+41225550146", "kind": "phone"}, "+41225550146"),
        ({"id": "41225550146", "kind": "phone"}, "+41225550146"),
        ({"id": "+49155555****", "kind": "phone"}, "+49155555****"),
        ({"id": "c6f4f18f1e99401a9193fbf954f6e903", "display_name": "None", "kind": "guest"}, "Guest"),
        ({"id": "c6f4f18f1e99401a9193fbf954f6e903", "display_name": "Mr Guest", "kind": "guest"}, "Mr Guest"),
        ({"id": "12345678", "kind": "user"}, "12345678"),
        ({"id": "None", "display_name": "None"}, "unknown"),
        ({}, "unknown"),
        (None, "unknown"),
    ],
)
def test_a_person_is_named_by_the_first_known_property(known, text):
    assert shown_name(known) == text


@pytest.mark.parametrize(
    ("member", "text", "graph_name"),
    [
        ("frequency24GHz", "2.4 GHz", "frequency24GHz"),
        ("wifi80211n", "Wi-Fi 4 (802.11n)", "wifi80211n"),
        ("notRated", "not rated", "notRated"),
        ("roomSystem", "room system", "roomSystem"),
        ("wristTelephone", "wrist telephone", "wristTelephone"),
        ("bad", "bad", ""),
        (None, formatting.NOTHING, ""),
        ("", formatting.NOTHING, ""),
    ],
)
def test_a_member_has_a_label_and_its_graph_name(member, text, graph_name):
    assert enum_labels.label(member) == (text, graph_name)


@pytest.mark.parametrize(
    ("stage", "text"),
    [
        ("callSetup", "Call setup failed"),
        ("midcall", "Call failed mid-call"),
        ("unknown", "Call failed, stage unknown"),
        (None, "Call failed, stage unknown"),
        ("afterCall", "Call failed at stage: after call"),
    ],
)
def test_a_failure_says_its_stage(stage, text):
    assert enum_labels.failure_label(stage) == (text, stage or "")


@pytest.mark.parametrize(
    ("dimension", "counted", "said"),
    [
        ("wifi_band", "frequency50GHz", ("5 GHz", "frequency50GHz")),
        ("platform", "", ("not reported", "")),
        ("device", "wired", ("wired", "")),  # the name of a device, not Graph's connection type
    ],
)
def test_a_dimension_value_has_a_label_where_it_is_a_member(dimension, counted, said):
    assert enum_labels.value_label(counted, dimension) == said
