"""Checks that the hosts of the login and of Graph answer: name, connection and certificate."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from urllib.parse import urlsplit

from app.doctor import connection_errors
from app.doctor.blocking_calls import addresses
from app.doctor.connection_errors import Cause
from app.doctor.finding import Check, failed, ok
from app.doctor.network import clock
from app.graph.errors import GraphError
from app.graph.transport import probe
from app.graph.transport.http_client import Http

_FOUND: dict[Cause, str] = {
    "name": "the name {host} does not resolve",
    "refused": "{host} refuses the connection",
    "timeout": "{host} does not answer",
    "unreachable": "there is no route to {host}",
    "untrusted": "the certificate of {host} is not trusted by this machine",
    "expired": "the certificate of {host} has expired",
    "wrong_name": "the certificate of {host} is for another host name",
    "tls": "{host} does not support a usable TLS version",
    "proxy": "the proxy does not connect to {host}",
    "closed": "{host} closed the connection without an answer",
}
_REMEDIES: dict[Cause, str] = {
    "name": "check this machine's DNS (`getent hosts {name}`), and {setting}",
    "refused": "check {setting}, and that the firewall allows connections from this machine to {host}",
    "timeout": "allow https from this machine to {host} in the firewall; behind a proxy set HTTPS_PROXY",
    "unreachable": "check this machine's network; behind a proxy set HTTPS_PROXY",
    "untrusted": "set SSL_CERT_FILE to a PEM file with the authority that signed it, for example your proxy's",
    "expired": "check this machine's clock; if it is correct, a proxy in between uses an expired certificate",
    "wrong_name": "check {setting}, and that no proxy or DNS entry leads to another host",
    "tls": "check {setting}, and that the port is for https",
    "proxy": "check HTTPS_PROXY and NO_PROXY",
    "closed": "check {setting}, and that proxies and firewalls allow https",
}


class HostCheck(NamedTuple):
    """``skew`` is how far our clock is ahead; None if the host did not send its time."""

    check: Check
    skew: timedelta | None = None


async def check(http: Http, name: str, url: str, setting: str, *, limit: float) -> HostCheck:
    """Any HTTP answer within ``limit`` seconds is fine: this checks the connection only."""
    sent = datetime.now(UTC)
    try:
        async with asyncio.timeout(limit):
            proxy = connection_errors.proxy_of(url)
            if proxy is None:  # a proxy resolves the name itself
                await addresses(urlsplit(url).hostname or "", connection_errors.port_of(url))
            answer = await probe.ask(http, "GET", url, {})
    except (GraphError, OSError) as error:
        return HostCheck(unreached(name, url, setting, connection_errors.cause(error)))
    through = f" through the proxy {proxy}" if proxy else ""
    skew = clock.ahead(answer.headers.get("date", ""), sent, datetime.now(UTC))
    parts = urlsplit(url)
    trusted = ", its certificate is trusted" if parts.scheme == "https" else ""
    return HostCheck(ok(name, f"{parts.netloc} answers{through}{trusted}"), skew)


def unreached(name: str, url: str, setting: str, cause: Cause) -> Check:
    parts = urlsplit(url)
    words = {"host": parts.netloc, "name": parts.hostname, "setting": setting}
    return failed(name, _FOUND[cause].format(**words), _REMEDIES[cause].format(**words))
