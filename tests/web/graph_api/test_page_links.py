"""A link to the next page leads back to us by the way that the client came, whoever stood between."""

from ipaddress import ip_network

import pytest

from app.web.graph_api.public_origin import Origins

CLIENT = ("10.0.0.5", 40000)
TRUSTING = Origins((ip_network("10.0.0.0/24"), ip_network("fd00::/8")), "https://public.example/graph")


def a_request(client=CLIENT, scheme="http", **headers):
    named = {"host": "inside:8000"} | {name.replace("_", "-"): value for name, value in headers.items()}
    raw = [(name.encode(), value.encode()) for name, value in named.items()]
    return {"type": "http", "scheme": scheme, "client": client, "server": ("127.0.0.1", 8000), "headers": raw}


FORWARDED = {
    "x_forwarded_proto": "https",
    "x_forwarded_host": "calls.example",
    "x_forwarded_port": "8443",
    "x_forwarded_prefix": "/teams/",
}


@pytest.mark.parametrize(
    ("headers", "origin"),
    [
        (FORWARDED, "https://calls.example:8443/teams"),
        ({"x_forwarded_proto": "https", "x_forwarded_host": "calls.example"}, "https://calls.example"),
        ({"x_forwarded_proto": "https", "x_forwarded_port": "443", "host": "calls.example"}, "https://calls.example"),
        ({"x_forwarded_host": "calls.example:99", "x_forwarded_port": "8443"}, "http://calls.example:99"),
        ({"x_forwarded_proto": "https, http", "x_forwarded_host": "outer, inner"}, "https://outer"),
        ({"x_forwarded_proto": "javascript", "x_forwarded_prefix": "/a b"}, "http://inside:8000"),
        ({"x_forwarded_host": 'evil"/@x', "x_forwarded_port": "x"}, "http://inside:8000"),
        ({}, "http://inside:8000"),
    ],
)
def test_a_trusted_proxy_is_believed(headers, origin):
    assert TRUSTING.of(a_request(**headers)) == origin


@pytest.mark.parametrize("client", [("10.0.1.5", 1), ("fe80::1", 1), ("a socket", 0), None])
def test_no_other_host_is_believed(client):
    assert TRUSTING.of(a_request(client, **FORWARDED)) == "http://inside:8000"


@pytest.mark.parametrize("client", [("fd00::7", 1), ("::ffff:10.0.0.9", 1)])
def test_a_proxy_may_come_by_ipv6(client):
    assert TRUSTING.of(a_request(client, **FORWARDED)) == "https://calls.example:8443/teams"


def test_without_proxies_no_header_is_believed():
    assert Origins().of(a_request(**FORWARDED)) == "http://inside:8000"


def test_the_host_of_the_public_url_means_the_public_url():
    assert (
        Origins((), "https://public.example/graph").of(a_request(host="PUBLIC.example"))
        == "https://public.example/graph"
    )


@pytest.mark.parametrize("host", ["", "a b", "x/y", "evil@host", "h:1:2"])
def test_a_host_that_is_none_is_not_repeated(host):
    assert Origins().of(a_request(host=host)) == "http://127.0.0.1:8000"
