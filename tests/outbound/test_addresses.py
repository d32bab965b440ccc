"""Where a webhook may connect: public addresses, private ones only if listed, the network's own never."""

from ipaddress import ip_network

import pytest

from app.outbound.sending import addresses, target
from app.outbound.sending.target import WebhookRefused

PRIVATE = tuple(map(ip_network, ("10.0.0.0/8", "127.0.0.0/8", "::1/128", "fd00::/8")))
EVERYTHING = (ip_network("0.0.0.0/0"), ip_network("::/0"))

ADDRESSES = [
    # address, without WEBHOOK_ALLOW, with private networks, with every network
    ("93.184.216.34", True, True, True),
    ("2606:2800:220:1::1", True, True, True),
    ("10.1.2.3", False, True, True),
    ("127.0.0.1", False, True, True),
    ("::1", False, True, True),
    ("fd12::1", False, True, True),
    ("::ffff:10.1.2.3", False, True, True),
    ("::ffff:93.184.216.34", True, True, True),
    ("64:ff9b::10.1.2.3", False, True, True),
    ("64:ff9b::93.184.216.34", True, True, True),
    ("172.16.0.1", False, False, True),
    ("192.168.1.1", False, False, True),
    ("100.64.0.1", False, False, True),  # shared by providers
    ("198.18.0.1", False, False, True),  # benchmarks
    ("192.0.2.1", False, False, True),  # documentation
    ("2001:db8::1", False, False, True),
    ("fc00::1", False, False, True),
    ("2002:0a01:0203::1", False, True, True),  # 6to4 of 10.1.2.3
    ("64:ff9b:1::a01:203", False, False, True),  # NAT64 of a network of its own
    ("169.254.169.254", False, False, False),
    ("169.254.1.1", False, False, False),
    ("::ffff:169.254.169.254", False, False, False),
    ("64:ff9b::169.254.169.254", False, False, False),
    ("2002:a9fe:a9fe::1", False, False, False),
    ("168.63.129.16", False, False, False),
    ("100.100.100.200", False, False, False),
    ("fd00:ec2::254", False, False, False),
    ("fe80::1", False, False, False),
    ("fe80::1%eth0", False, False, False),
    ("0.0.0.0", False, False, False),
    ("::", False, False, False),
    ("224.0.0.1", False, False, False),
    ("255.255.255.255", False, False, False),
    ("ff02::1", False, False, False),
    ("not an address", False, False, False),
]


@pytest.mark.parametrize(("address", "usual", "private", "everything"), ADDRESSES)
def test_private_addresses_need_the_setting_and_some_are_never_used(address, usual, private, everything):
    found = [addresses.refusal(address, allowed) is None for allowed in ((), PRIVATE, EVERYTHING)]
    assert found == [usual, private, everything]


URLS = [
    ("https://hooks.example.com/calls?key=1", None),
    ("https://hooks.example.com:8443", None),
    ("https://93.184.216.34/calls", None),
    ("https://[2606:2800:220:1::1]/", None),
    ("http://127.0.0.1:9000/", None),
    ("http://[::1]:9000/", None),
    ("http://localhost:9000/", None),
    ("https://10.0.0.1/", None),
    ("http://10.0.0.1/", "https://"),
    ("http://hooks.example.com/", "https://"),
    ("https://192.168.0.1/", "WEBHOOK_ALLOW"),
    ("https://169.254.169.254/latest/meta-data", "no webhook may use"),
    ("https://[::ffff:169.254.169.254]/", "no webhook may use"),
    ("https://user:password@hooks.example.com/", "no user"),
    ("https://hooks.example.com/#part", "fragment"),
    ("ftp://hooks.example.com/", "not valid"),
    ("file:///etc/passwd", "not valid"),
    ("https://", "not valid"),
    ("https://hooks.example.com:0/", "not valid"),
    ("https://hooks.example.com:99999/", "not valid"),
    ("https://hooks.example.com\\@10.0.0.1/", "not valid"),
    ("https://hooks.example.com/a b", "not valid"),
    ("https://hooks.example.com/\r\nHost: other", "not valid"),
    ("https://h\u00f6oks.example.com/", "not valid"),
    ("https://hooks.example.com/" + "a" * 2000, "not valid"),
    ("https://[::1", "not valid"),
]


@pytest.mark.parametrize(("url", "wrong"), URLS)
def test_a_url_is_https_and_names_one_host_and_nothing_else(url, wrong):
    if wrong is None:
        assert target.parsed(url, PRIVATE).host in url
    else:
        with pytest.raises(WebhookRefused, match=wrong):
            target.parsed(url, PRIVATE)


SHOWN = [
    ("https://hooks.example.com/calls", True, "https://hooks.example.com/calls"),
    ("https://hooks.example.com/calls?key=secret", True, "https://hooks.example.com/calls/…"),
    ("https://prod-1.example.com:443/workflows/abc/triggers?sig=secret", False, "https://prod-1.example.com:443/…"),
    ("https://[fd00::1]/secret", False, "https://[fd00::1]/…"),
]


@pytest.mark.parametrize(("url", "path", "shown"), SHOWN)
def test_what_may_be_a_secret_of_a_url_is_not_shown(url, path, shown):
    assert target.shown(url, path=path) == shown
