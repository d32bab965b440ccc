"""CQD's building file, with every form and fault that files in the field have."""

from datetime import date

import pytest

from app.archive.sites.files import address_lists, building_file
from app.archive.sites.files.delimited import FileRefused

AARHUS = "10.20.4.0,DK/Aarhus/AAR-2,24,AAR-2,Fabrikam,Office,Sales,Aarhus,8000,DK,,EMEA,1,0,0"
VPN = "10.99.0.0,DK/VPN-pool-1,20,VPN,Fabrikam,VPN,VPN,Aarhus,8000,DK,,EMEA,1,0,1"
OF_14 = AARHUS.removesuffix(",0")
HEADER = "NetworkIP,NetworkName,NetworkRange,BuildingName,a,b,c,d,e,f,g,h,InsideCorp,ExpressRoute,VPN"


def line(network="10.1.0.0", prefix=24, site="A", end="1,0,0"):
    return f"{network},{network},{prefix},{site},,,,,,,,,{end}"


def read(*lines, encoding="utf-8", allow_overlap=False):
    return building_file.read("\r\n".join(lines).encode(encoding), allow_overlap=allow_overlap)


def refused(*lines, **options):
    with pytest.raises(FileRefused) as refusal:
        read(*lines, **options)
    return refusal.value.problems


def test_cqds_own_rows_are_read_with_every_column():
    first, second = read(AARHUS, VPN).rows
    assert (str(first.network), first.network_name, first.site) == ("10.20.4.0/24", "DK/Aarhus/AAR-2", "AAR-2")
    assert (first.ownership_type, first.building_type, first.office_type) == ("Fabrikam", "Office", "Sales")
    assert (first.city, first.zip_code, first.country, first.state, first.region) == (
        "Aarhus",
        "8000",
        "DK",
        "",
        "EMEA",
    )
    assert (first.inside, first.express_route, first.vpn) == (True, False, False)
    assert (second.vpn, second.line) == (True, 2)


@pytest.mark.parametrize(
    ("lines", "encoding"),
    [
        ((AARHUS, VPN), "utf-8-sig"),
        ((AARHUS.replace(",", "\t"), VPN.replace(",", "\t")), "utf-16"),
        ((HEADER, AARHUS, "", VPN), "utf-8"),
        ((AARHUS.replace("Fabrikam", '"Fabrikam, Inc"'), VPN), "utf-8"),
        ((OF_14, VPN.removesuffix(",1")), "utf-8"),
        ((AARHUS + ",,", VPN + ",,"), "utf-8"),
        ((AARHUS.replace("Sales", "Århus"), VPN), "cp1252"),
        ((AARHUS.replace(",", " , "), VPN), "utf-8"),
    ],
)
def test_forms_in_which_files_are_saved(lines, encoding):
    rows = read(*lines, encoding=encoding).rows
    assert [(str(row.network), row.site) for row in rows] == [("10.20.4.0/24", "AAR-2"), ("10.99.0.0/20", "VPN")]


def test_windows_letters_are_not_lost():
    assert read(AARHUS.replace("Sales", "Århus"), encoding="cp1252").rows[0].office_type == "Århus"


def test_our_own_columns_limit_a_row_to_a_period_and_ipv6_is_possible():
    row, other = read(AARHUS + ",2026-01-01,2026-03-31", line("2001:db8:1::", 48)).rows
    assert (row.valid_from, row.valid_to) == (date(2026, 1, 1), date(2026, 3, 31))
    assert str(other.network) == "2001:db8:1::/48"


def test_an_address_within_its_network_is_taken_with_a_warning():
    found = read(line("10.1.0.7"))
    assert str(found.rows[0].network) == "10.1.0.0/24"
    assert found.warnings == ["line 1: 10.1.0.7 is not the network address of 10.1.0.0/24, which is used"]


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (line("10.1.0"), "'10.1.0' is not an IP address"),
        (line(prefix="x"), "NetworkRange is 'x'"),
        (line(prefix=33), "33"),
        (line("0.0.0.0", 0), "/8 is the largest network"),
        (line(site=""), "BuildingName is empty"),
        (line(end="yes,0,0"), "InsideCorp is 'yes'"),
        (line(end="1,,0"), "ExpressRoute is ''"),
        (line(end="1,0,0,2026-02-30"), "ValidFrom is '2026-02-30'"),
        (line(end="1,0,0,2026-02-02,2026-02-01"), "before ValidFrom"),
        (AARHUS.replace(",", ";"), "1 columns"),
        (line(end="1,0,0,,,more"), "18 columns"),
    ],
)
def test_a_bad_row_is_named_by_its_line(bad, words):
    (problem,) = refused(VPN, bad)
    assert problem.startswith("line 2: ")
    assert words in problem


def test_overlaps_are_refused_with_both_lines():
    problems = refused(line("10.1.0.0", 16), VPN, line("10.1.4.0", 24), line("10.1.4.128", 25))
    assert [(one.split(":")[0], one.split("in ")[1].split(";")[0]) for one in problems] == [
        ("line 3", "line 1"),
        ("line 4", "line 1"),
        ("line 4", "line 3"),
    ]


def test_allowed_overlaps_still_have_one_row_for_one_network():
    assert len(read(line("10.1.0.0", 16), line("10.1.4.0", 24), allow_overlap=True).rows) == 2
    assert refused(line(), line(site="B"), allow_overlap=True) == ["line 2: 10.1.0.0/24 is already in line 1"]


def test_rows_of_different_periods_do_not_overlap():
    assert len(read(line(end="1,0,0,,2026-03-31"), line(site="B", end="1,0,0,2026-04-01")).rows) == 2
    assert refused(line(end="1,0,0,,2026-04-01"), line(site="B", end="1,0,0,2026-04-01"))


def test_neighbours_and_the_other_address_family_do_not_overlap():
    assert len(read(line("10.1.0.0"), line("10.1.1.0"), line("::ffff:0:0:0", 96), line("2001:db8::", 32)).rows) == 4


def test_nothing_is_no_file_and_binary_is_no_text():
    assert refused("") == ["the file has no rows"]
    with pytest.raises(FileRefused, match="not a text file"):
        building_file.read(b"PK\x03\x04\x00\x00")


def test_egress_ranges_in_both_notations():
    found = address_lists.egress(b"Network,Range,Building\n203.0.113.0/24,AAR-2\n198.51.100.0,28\n192.0.2.1\n")
    assert [(str(one.network), one.site) for one in found] == [
        ("203.0.113.0/24", "AAR-2"),
        ("198.51.100.0/28", ""),
        ("192.0.2.1/32", ""),
    ]
    with pytest.raises(FileRefused, match="line 1"):
        address_lists.egress(b"0.0.0.0/0")


def test_access_points_in_any_notation():
    found = address_lists.access_points(b"BSSID,Name\n00-1A-2b-3c-4d-5e,AP 3.1\n001a.2b3c.4d5f,AP 3.2\n")
    assert [(one.bssid, one.name) for one in found] == [("001a2b3c4d5e", "AP 3.1"), ("001a2b3c4d5f", "AP 3.2")]
    with pytest.raises(FileRefused, match="already in line 1"):
        address_lists.access_points(b"00-1A-2b-3c-4d-5e,A\n00:1a:2b:3c:4d:5e,B\n")
