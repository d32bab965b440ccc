"""Do the login's and Graph's hosts answer? Name, connection and certificate, each with its own sentence."""

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

PATIENCE = 5.0  # seconds for one host

_FOUND: dict[Cause, str] = {
    "name": "the name {host} does not resolve",
    "refused": "{host} refuses the connection",
    "timeout": "{host} does not answer within {seconds:.0f} s",
    "unreachable": "there is no route to {host}",
    "untrusted": "the certificate of {host} is not trusted here",
    "expired": "the certificate of {host} is out of date",
    "wrong_name": "the certificate of {host} is for another host name",
    "tls": "{host} speaks no TLS that can be used",
    "proxy": "the proxy does not lead to {host}",
    "closed": "{host} closed the connection without an answer",
}
_REMEDIES: dict[Cause, str] = {
    "name": "check this machine's DNS (`getent hosts {name}`), and {setting}",
    "refused": "check {setting}, and that the firewall lets this machine out to {host}",
    "timeout": "let the firewall pass https from this machine to {host}; behind a proxy set HTTPS_PROXY",
    "unreachable": "check this machine's network; behind a proxy set HTTPS_PROXY",
    "untrusted": "set SSL_CERT_FILE to a PEM file with the authority that signed it, for example your proxy's",
    "expired": "check this machine's clock; if that is right, a proxy in between has an old certificate",
    "wrong_name": "check {setting}, and that no proxy or DNS entry leads elsewhere",
    "tls": "check {setting}, and that the port is one for https",
    "proxy": "check HTTPS_PROXY and NO_PROXY",
    "closed": "check {setting}, and what proxies and firewalls do to https",
}


class Asked(NamedTuple):
    """How far our clock is ahead is None where the host did not tell its time."""

    check: Check
    skew: timedelta | None = None


async def ask(http: Http, name: str, url: str, setting: str) -> Asked:
    """Any answer will do: it is the way there that is looked at."""
    sent = datetime.now(UTC)
    try:
        async with asyncio.timeout(PATIENCE):
            proxy = connection_errors.proxy_of(url)
            if proxy is None:  # a proxy resolves for us
                await addresses(urlsplit(url).hostname or "", connection_errors.port_of(url))
            answer = await probe.ask(http, "GET", url, [])
    except (GraphError, OSError) as error:
        return Asked(unreached(name, url, setting, connection_errors.cause(error)))
    way = f" through the proxy {proxy}" if proxy else ""
    skew = clock.ahead(answer.headers.get("date", ""), sent, datetime.now(UTC))
    parts = urlsplit(url)
    trusted = ", its certificate is trusted" if parts.scheme == "https" else ""
    return Asked(ok(name, f"{parts.netloc} answers{way}{trusted}"), skew)


def unreached(name: str, url: str, setting: str, cause: Cause) -> Check:
    parts = urlsplit(url)
    words = {"host": parts.netloc, "name": parts.hostname, "setting": setting, "seconds": PATIENCE}
    return failed(name, _FOUND[cause].format(**words), _REMEDIES[cause].format(**words))
