"""Checks that PUBLIC_URL leads to this service, with the handshake that Graph does before it creates a subscription."""

import asyncio
from time import monotonic
from urllib.parse import urlsplit

from app.doctor import connection_errors
from app.doctor.blocking_calls import addresses
from app.doctor.connection_errors import Cause
from app.doctor.finding import Check, failed, ok, warning
from app.doctor.limits import Limits
from app.doctor.network import handshake, private_address
from app.graph.errors import GraphError
from app.graph.transport import probe
from app.graph.transport.http_client import Http
from app.runtime.cloud_hosts import CloudHosts
from app.subscriptions.graph import Urls

NAME = "public_url"
PROOF = "that does not prove that Microsoft can reach it"
_HEADERS = {"Content-Type": "text/plain; charset=utf-8"}
_SERVE = "start `callkeeper serve`, and forward {host} to its port (proxy, tunnel, load balancer, firewall)"

_FAILED: dict[Cause, tuple[str, str]] = {
    "name": ("the name {name} does not resolve", "create a DNS entry for {name}, or correct PUBLIC_URL"),
    "refused": ("no server listens at {host}", _SERVE),
    "timeout": ("no answer from {host} within {seconds:.0f} s, the time that Graph waits", _SERVE),
    "unreachable": ("there is no route to {host}", "check PUBLIC_URL and this machine's network"),
    "untrusted": (
        "the certificate of {host} is self-signed or its chain is incomplete: Graph does not trust it",
        "use a certificate of a public authority with its intermediate certificates, for example Let's Encrypt",
    ),
    "expired": ("the certificate of {host} has expired", "renew it, and reload the proxy"),
    "wrong_name": (
        "the certificate of {host} is for another host name",
        "get one for {name}, or set PUBLIC_URL to the name in the certificate",
    ),
    "tls": (
        "{host} does not support a TLS version that Graph accepts",
        "enable TLS 1.2 or newer on that port; Callkeeper itself has no TLS: put a proxy with a certificate in front",
    ),
    "proxy": ("this machine's proxy does not connect to {host}", "add {name} to NO_PROXY, or test from outside"),
    "closed": ("{host} closed the connection without an answer", _SERVE),
}


async def check(http: Http, public_url: str, cloud: CloudHosts, limits: Limits) -> Check:
    """Both routes are checked concurrently; the result is the worse one."""
    parts = urlsplit(public_url)
    try:
        async with asyncio.timeout(limits.host):
            found = await addresses(parts.hostname or "", connection_errors.port_of(public_url))
    except OSError as error:
        found = []
        if connection_errors.proxy_of(public_url) is None:
            return _unreached(public_url, connection_errors.cause(error), limits)
    if (
        cloud.are_microsofts
        and (wrong := private_address.private(parts.hostname or "", found))
        and wrong.state == "failed"
    ):
        return wrong
    urls = Urls.under(public_url)
    checks = await asyncio.gather(*(_check_route(http, url, limits) for url in (urls.notification, urls.lifecycle)))
    worst = next((one for state in ("failed", "warning") for one in checks if one.state == state), checks[0])
    private = private_address.private(parts.hostname or "", found) if cloud.are_microsofts else None
    return private if private and worst.state == "ok" else worst


async def _check_route(http: Http, url: str, limits: Limits) -> Check:
    begun = monotonic()
    try:
        async with asyncio.timeout(limits.handshake):
            answer = await probe.ask(http, "POST", handshake.url_with_token(url), _HEADERS)
    except (GraphError, OSError) as error:
        return _unreached(url, connection_errors.cause(error), limits)
    seconds = monotonic() - begun
    if wrong := handshake.judge(answer):
        return failed(NAME, f"{url}: {wrong.found}", wrong.remedy)
    if seconds > limits.notification:
        wait = f"for notifications, Graph waits {limits.notification:.0f} s"
        found = f"{url} answers the handshake only after {seconds:.1f} s; {wait}"
        return warning(NAME, found, "check what is slow in front of the service, which itself answers in milliseconds")
    return ok(NAME, f"{urlsplit(url).netloc} answers the handshake in {seconds * 1000:.0f} ms from here; {PROOF}")


def _unreached(url: str, cause: Cause, limits: Limits) -> Check:
    parts = urlsplit(url)
    words = {"host": parts.netloc, "name": parts.hostname, "seconds": limits.handshake}
    found, remedy = _FAILED[cause]
    return failed(NAME, found.format(**words), remedy.format(**words))
