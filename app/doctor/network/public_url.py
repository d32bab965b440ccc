"""Does PUBLIC_URL lead to us? Asked as Graph asks before it makes a subscription."""

import asyncio
from time import monotonic
from urllib.parse import urlsplit

from app.doctor import connection_errors
from app.doctor.blocking_calls import addresses
from app.doctor.cloud_hosts import Places
from app.doctor.connection_errors import Cause
from app.doctor.finding import Check, failed, ok, warning
from app.doctor.network import handshake, hosts, private_address
from app.graph.errors import GraphError
from app.graph.transport import probe
from app.graph.transport.http_client import Http
from app.subscriptions.graph import Urls

NAME = "public_url"
PROOF = "that does not prove that Microsoft can reach it"
PATIENCE = 10.0  # seconds: as long as Graph waits
SLOW = 3.0  # seconds that Graph waits for the answer to a notification
_KIND = [(b"Content-Type", b"text/plain; charset=utf-8")]
_SERVE = "start `callkeeper serve`, and forward {host} to its port (proxy, tunnel, load balancer, firewall)"

_FAILED: dict[Cause, tuple[str, str]] = {
    "name": ("the name {name} does not resolve", "make a DNS entry for {name}, or correct PUBLIC_URL"),
    "refused": ("nothing listens at {host}", _SERVE),
    "timeout": ("no answer from {host} within {seconds:.0f} s, which is all that Graph waits", _SERVE),
    "unreachable": ("there is no route to {host}", "check PUBLIC_URL and this machine's network"),
    "untrusted": (
        "the certificate of {host} is self-signed or its chain is incomplete: Graph does not trust it",
        "use a certificate of a public authority with its intermediate certificates, for example Let's Encrypt",
    ),
    "expired": ("the certificate of {host} is out of date", "renew it, and let the proxy load the new one"),
    "wrong_name": (
        "the certificate of {host} is for another host name",
        "get one for {name}, or set PUBLIC_URL to the name in the certificate",
    ),
    "tls": (
        "{host} speaks no TLS that Graph takes",
        "offer TLS 1.2 or newer on that port; if it is the service's own, put a proxy with a certificate before it",
    ),
    "proxy": ("this machine's proxy does not lead to {host}", "add {name} to NO_PROXY, or ask from outside"),
    "closed": ("{host} closed the connection without an answer", _SERVE),
}


async def check(http: Http, public_url: str, places: Places) -> Check:
    """Both routes are asked at once; the worse answer is told."""
    parts = urlsplit(public_url)
    try:
        async with asyncio.timeout(hosts.PATIENCE):
            found = await addresses(parts.hostname or "", connection_errors.port_of(public_url))
    except OSError as error:
        found = []
        if connection_errors.proxy_of(public_url) is None:
            return _unreached(public_url, connection_errors.cause(error))
    if (
        places.are_microsofts
        and (wrong := private_address.private(parts.hostname or "", found))
        and wrong.state == "failed"
    ):
        return wrong
    urls = Urls.under(public_url)
    checks = await asyncio.gather(*(_ask(http, url) for url in (urls.notification, urls.lifecycle)))
    worst = next((one for state in ("failed", "warning") for one in checks if one.state == state), checks[0])
    unseen = private_address.private(parts.hostname or "", found) if places.are_microsofts else None
    return unseen if unseen and worst.state == "ok" else worst


async def _ask(http: Http, url: str) -> Check:
    begun = monotonic()
    try:
        async with asyncio.timeout(PATIENCE):
            answer = await probe.ask(http, "POST", handshake.asked(url), list(_KIND))
    except (GraphError, OSError) as error:
        return _unreached(url, connection_errors.cause(error))
    seconds = monotonic() - begun
    if wrong := handshake.judge(answer):
        return failed(NAME, f"{url}: {wrong.found}", wrong.remedy)
    if seconds > SLOW:
        found = f"{url} answers the handshake, but only after {seconds:.1f} s; Graph waits {SLOW:.0f} s for others"
        return warning(NAME, found, "see what is slow between: the service itself answers in milliseconds")
    return ok(NAME, f"{urlsplit(url).netloc} answers the handshake in {seconds * 1000:.0f} ms from here; {PROOF}")


def _unreached(url: str, cause: Cause) -> Check:
    parts = urlsplit(url)
    words = {"host": parts.netloc, "name": parts.hostname, "seconds": PATIENCE}
    found, remedy = _FAILED[cause]
    return failed(NAME, found.format(**words), remedy.format(**words))
