"""The demo's company: the same calls for the same seed, with the patterns that its users look for."""

import csv
import io
from collections import Counter
from datetime import UTC, datetime

import pytest

from app.simulator.company import sites, staff
from app.simulator.company.month import Company
from tests.some import some

TENANT = "3f1c9a52-7d0e-4b86-9c1b-5a2e8d470001"
NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)  # a Wednesday


@pytest.fixture(scope="module")
def calls():
    return list(Company(TENANT, NOW).calls())


def ends(call):
    """Each end of a session with media: its endpoint, network, device, and whether a stream was poor."""
    for session in call["sessions"]:
        for media in session["segments"][0]["media"]:
            lossy = any((stream["averagePacketLossRate"] or 0) > 0.1 for stream in media["streams"])
            for end in ("caller", "callee"):
                yield session[end], media[f"{end}Network"], media[f"{end}Device"], lossy


def share(found):
    """Of poor ends."""
    return sum(lossy for *_, lossy in some(found)) / len(found)


def test_the_same_seed_gives_the_same_calls_of_29_days_before_today(calls):
    assert [call["id"] for call in Company(TENANT, NOW).calls()] == [call["id"] for call in calls]
    starts = [datetime.fromisoformat(call["startDateTime"]) for call in some(calls)]
    assert (min(starts).date().isoformat(), max(starts).date().isoformat()) == ("2026-10-27", "2026-11-24")
    assert 250 < len(calls) < 500


def test_nine_of_eleven_poor_calls_of_a_person_were_on_2_4_ghz_at_home(calls):
    poor = [
        (network["wifiBand"], network["subnet"])
        for call in calls
        for endpoint, network, _, lossy in ends(call)
        if lossy and (endpoint.get("associatedIdentity") or {}).get("displayName") == staff.AT_HOME
    ]
    assert Counter(poor)["frequency24GHz", "192.168.1.0"] == 9
    assert len(poor) == 11


def test_one_access_point_one_headset_and_the_vpn_are_worse_than_the_rest(calls):
    found = [end for call in calls for end in ends(call)]
    bad_point = [one for one in found if one[1]["basicServiceSetIdentifier"] == sites.BAD_ACCESS_POINT]
    headset = [one for one in found if one[2]["captureDeviceName"] == staff.BAD_HEADSET]
    vpn = [one for one in found if one[1]["connectionType"] == "tunnel"]
    assert min(share(bad_point), share(headset), share(vpn)) > 1.8 * share(found)


def test_a_monday_morning_was_bad_at_one_site(calls):
    there = [end for call in calls if call["startDateTime"] < "2026-11-23T12" for end in ends(call)]
    there = [one for one in there if one[1]["reflexiveIPAddress"] == sites.HARBOUR_OFFICE.public_address]
    of_that_day = [
        end
        for call in calls
        if "2026-11-23T08" <= call["startDateTime"] < "2026-11-23T12"
        for end in ends(call)
        if end[1]["reflexiveIPAddress"] == sites.HARBOUR_OFFICE.public_address
    ]
    assert share(of_that_day) > 0.5 > 2 * share(there)


def test_the_building_file_has_each_office_network_but_the_new_floor(calls):
    rows = list(csv.reader(io.StringIO(sites.building_file())))
    assert {len(row) for row in rows} == {15}
    listed = {row[0] for row in rows}
    used = {network["subnet"] for call in calls for _, network, _, _ in ends(call)}
    in_offices = {subnet for subnet in used if subnet and subnet.startswith("10.") and subnet[:6] != "10.150"}
    assert in_offices - listed == {sites.NEW_FLOOR.address}


def test_the_directory_names_department_cost_centre_and_site_of_each_employee():
    rows = list(csv.DictReader(io.StringIO(staff.directory_file(staff.staff(TENANT, 0)))))
    assert len({row["UserPrincipalName"] for row in rows}) == staff.COUNT
    assert all(row["Department"] and row["CostCenter"] and row["Site"] for row in some(rows))
