"""An endpoint's network and the row it belongs to: every trap of the building file's rules."""

from ipaddress import ip_network

import pytest

from app.archive.sites.matching import Matcher, Row

ROWS = [
    Row(1, ip_network("10.20.4.0/24"), "AAR-2", "Aarhus", inside=True, vpn=False),
    Row(2, ip_network("10.20.5.0/24"), "AAR-3", "Aarhus", inside=True, vpn=False),
    Row(3, ip_network("10.99.0.0/20"), "Pool", "VPN", inside=True, vpn=True),
    Row(4, ip_network("172.16.0.0/12"), "All", "Supernet", inside=False, vpn=False),
    Row(5, ip_network("172.16.8.0/24"), "Lab", "Lab", inside=True, vpn=False),
    Row(6, ip_network("192.168.1.0/24"), "Shop", "Shop", inside=True, vpn=False),
    Row(7, ip_network("2001:db8:1::/48"), "v6", "Six", inside=True, vpn=False),
]
MATCHER = Matcher(ROWS, [(ip_network("203.0.113.0/24"), "Home office"), (ip_network("198.51.100.7/32"), "")])


@pytest.mark.parametrize(
    ("ip", "subnet", "key", "method"),
    [
        ("10.20.4.9", "10.20.4.0", 1, "subnet"),
        ("10.20.4.9", "10.20.4.0/24", 1, "subnet"),  # with a mask
        (None, "10.20.4.0", 1, "subnet"),
        ("", "10.20.4.0", 1, "subnet"),
        ("10.20.4.9", None, 1, "address"),
        ("10.20.5.9", "10.20.4.0", 2, "address_not_subnet"),  # the client's mask is wider
        ("10.20.6.9", "10.20.4.0", 1, "subnet"),  # nothing is known of the address: as CQD joins
        ("10.99.3.3", "255.255.255.255", 3, "vpn"),
        ("10.99.3.3", "10.99.3.3", 3, "vpn"),  # some adapters report /32
        ("10.99.3.3", "10.20.4.0", 3, "vpn"),
        ("10.99.30.3", "10.99.0.0", None, None),  # outside of the pool, whatever the mask says
        (None, "10.99.0.0", 3, "subnet"),
        ("172.16.9.1", "172.16.9.0", 4, "address"),  # a supernet
        ("172.16.8.1", "172.16.8.0", 5, "subnet"),  # in two networks: the smaller one
        (None, "172.16.9.0", 4, "subnet_prefix"),
        ("2001:db8:1::5", None, 7, "address"),
        ("fe80::1%eth0", "10.20.4.0", 1, "subnet"),
        ("::ffff:10.20.4.9", None, 1, "address"),
        ("192.168.1.5", "192.168.1.0", None, None),  # a home network proves nothing
        ("11.1.1.1", "11.1.1.0", None, None),
        (None, None, None, None),
        ("garbage", "also", None, None),
    ],
)
def test_the_row_and_the_method(ip, subnet, key, method):
    found = MATCHER.match(ip, subnet, "192.0.2.1")
    assert (found and found.key, found and found.method) == (key, method)


@pytest.mark.parametrize(
    ("ip", "reflexive", "expected"),
    [
        ("192.168.1.5", "203.0.113.9", (6, "Shop", True)),  # in the file, behind our address
        ("192.168.0.5", "203.0.113.9", (None, "Home office", True)),
        ("192.168.0.5", "198.51.100.7", (None, "", True)),
        ("192.168.0.5", "198.51.100.8", None),
        ("192.168.0.5", None, None),
        ("11.1.1.1", "203.0.113.9", None),  # only networks of homes need the public address
    ],
)
def test_a_home_network_is_inside_only_behind_an_egress_range(ip, reflexive, expected):
    found = MATCHER.match(ip, None, reflexive)
    assert (found and (found.key, found.site, found.inside)) == expected
    assert found is None or found.method == "egress"


def test_a_supernet_that_is_not_inside_is_not():
    assert MATCHER.match("172.16.9.1", None, None).inside is False


def test_without_rows_there_is_no_match():
    assert Matcher().match("10.20.4.9", "10.20.4.0", "203.0.113.9") is None
