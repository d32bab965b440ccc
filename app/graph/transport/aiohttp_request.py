"""One request through aiohttp, on the connections of an httpx client.

httpx's objects for a request and its answer cost as much as reading a small record. The client keeps what it decides
once: proxies of the environment, TLS, limits. Its errors are raised as httpx's.
"""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport
from httpx_aiohttp.transport import map_aiohttp_exceptions
from yarl import URL

TIMEOUT = aiohttp.ClientTimeout(total=None, connect=600.0, sock_connect=10.0, sock_read=60.0)

Read = Callable[[aiohttp.ClientResponse], Awaitable[bytes]]


class Sent(NamedTuple):
    """An answer; its body is decompressed."""

    status_code: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(slots=True)
class _Request:
    """The part of an httpx request that an `httpx.Auth` of ours uses."""

    url: httpx.URL
    """Without path and query."""
    headers: dict[str, str]


async def ask(
    http: httpx.AsyncClient,
    auth: httpx.Auth,
    method: str,
    url: str,
    headers: dict[str, str],
    body: bytes | None,
    read: Read,
) -> Sent:
    """The answer to the last request that ``auth`` asks for."""
    origin = _origin("/".join(url.split("/", 3)[:3]))
    transport = http._transport_for_url(origin)  # noqa: SLF001 -- the proxy for this host, as httpx chooses it
    assert isinstance(transport, AiohttpTransport)
    request: Any = _Request(origin, headers)
    async with aclosing(auth.async_auth_flow(request)) as flow:
        await anext(flow)
        while True:
            answer = await _once(transport, method, url, request.headers, body, read)
            try:
                await flow.asend(answer)  # type: ignore[arg-type]  # our own only look at its status
            except StopAsyncIteration:
                return answer


async def _once(
    transport: AiohttpTransport, method: str, url: str, headers: dict[str, str], body: bytes | None, read: Read
) -> Sent:
    if not isinstance(transport.client, aiohttp.ClientSession):
        transport.client = transport.get_client()
    with map_aiohttp_exceptions():
        request = transport.client.request(
            method,
            URL(url),
            headers=headers,
            data=body,
            allow_redirects=False,
            timeout=TIMEOUT,
            **_proxy(transport.proxy),
        )
        async with request as response:
            return Sent(response.status, response.headers, await read(response))


def _proxy(proxy: httpx.Proxy | None) -> dict[str, Any]:
    if proxy is None:
        return {}
    auth = aiohttp.BasicAuth(*proxy.auth) if proxy.auth else None
    return {"proxy": str(proxy.url), "proxy_auth": auth, "proxy_headers": proxy.headers}


@lru_cache(maxsize=64)
def _origin(text: str) -> httpx.URL:
    return httpx.URL(text)
