"""Sends one request to a webhook. The address that is checked is the one that is connected to.

No proxy is used: a proxy would resolve the name itself, to an address that cannot be checked here.
"""

import asyncio
import ssl
from collections.abc import Mapping, Sequence
from importlib import metadata
from pathlib import Path
from socket import AddressFamily
from typing import Any, Self

import aiohttp
import certifi
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver
from yarl import URL

from app.outbound.sending import addresses, target
from app.outbound.sending.addresses import Network
from app.outbound.sending.answer import Answer, NotSent
from app.outbound.sending.target import WebhookRefused

SECONDS = 15.0  # for a complete request
MOST_BYTES = 64 * 1024  # of an answer that are read; its body is never used
CONNECTIONS = 64


class Http:
    """``async with Http(…) as http`` has connections that stay open between requests."""

    def __init__(self, *, ca_file: Path | None, allowed: Sequence[Network] = (), seconds: float = SECONDS) -> None:
        self._allowed = tuple(allowed)
        self._verify = ssl.create_default_context(cafile=str(ca_file or certifi.where()))
        self._timeout = aiohttp.ClientTimeout(total=seconds)
        self._agent = f"callkeeper/{metadata.version('callkeeper')}"

    async def __aenter__(self) -> Self:
        connector = aiohttp.TCPConnector(
            ssl=self._verify, limit=CONNECTIONS, use_dns_cache=False, resolver=_Checked(self._allowed)
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=self._timeout,
            trust_env=False,
            auto_decompress=False,
            headers={"User-Agent": self._agent, "Content-Type": "application/json"},
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._session.close()

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """The answer, whatever its status; NotSent where none came. A redirect is an answer like any other."""
        try:
            target.parsed(url, self._allowed)  # the resolver is not asked for an address
            request = self._session.post(URL(url, encoded=True), headers=headers, data=body, allow_redirects=False)
            async with request as response:
                await _read_some(response)
                return Answer(response.status, response.headers.get("retry-after"), response.headers.get("date"))
        except WebhookRefused as error:
            raise NotSent(str(error)) from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise NotSent(_in_words(error)) from None


async def _read_some(response: aiohttp.ClientResponse) -> None:
    """So that the connection can be used again; one that sends more is closed."""
    size = 0
    async for piece in response.content.iter_any():
        size += len(piece)
        if size > MOST_BYTES:
            response.close()
            return


class _Checked(AbstractResolver):
    """Resolves names to addresses to which a webhook may connect; the connection is made to one of these."""

    def __init__(self, allowed: Sequence[Network]) -> None:
        self._allowed = allowed
        self._resolver = ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: AddressFamily = AddressFamily.AF_UNSPEC
    ) -> list[ResolveResult]:
        found = await self._resolver.resolve(host, port, family)
        for each in found:
            if reason := addresses.refusal(each["host"], self._allowed):
                raise WebhookRefused(f"the host resolves to {reason}")
        return found

    async def close(self) -> None:
        await self._resolver.close()


def _in_words(error: Exception) -> str:
    for kind, words in _WORDS.items():
        if isinstance(error, kind):
            return words
    return f"the request failed ({type(error).__name__})"


_WORDS: dict[Any, str] = {
    TimeoutError: f"no answer within {SECONDS:g} s",
    asyncio.TimeoutError: f"no answer within {SECONDS:g} s",
    aiohttp.ClientConnectorCertificateError: "the certificate is not valid, or its authority is not in SSL_CERT_FILE",
    aiohttp.ClientConnectorSSLError: "the TLS connection failed",
    aiohttp.ClientConnectorDNSError: "the host name cannot be resolved",
    aiohttp.ClientConnectorError: "the host does not accept connections",
    aiohttp.ServerDisconnectedError: "the connection was closed without an answer",
    aiohttp.ClientPayloadError: "the answer broke off",
    aiohttp.InvalidURL: "the URL is not valid",
}
