"""Sends requests through the HTTP library, and translates its failures."""

import re
import ssl
from collections.abc import Awaitable, Callable
from functools import partial
from http.cookiejar import CookieJar
from importlib import metadata
from pathlib import Path
from typing import Any

import aiohttp
import certifi
import httpx
from httpx_aiohttp import AiohttpTransport, HttpxAiohttpClient

from app.graph.errors import BadResponse, Unavailable
from app.graph.transport import aiohttp_request
from app.graph.transport.answers import Answer

Http = httpx.AsyncClient
Auth = httpx.Auth
Headers = dict[str, str]
Reserve = Callable[[int | None], Awaitable[None]]

LARGE = 4_000_000
"""Bytes from which an answer is large: many times the pages in which Graph gives a record."""
MOST_BYTES = 128_000_000
"""Bytes of an answer that are read at all."""

_TIMEOUT = httpx.Timeout(connect=10.0, read=60.0, write=60.0, pool=600.0)
_IDLE_CONNECTION = 60.0
_BROKEN = (httpx.DecodingError, httpx.ReadError, aiohttp.ClientPayloadError, aiohttp.ClientResponseError)
_FAILED = (httpx.TransportError, aiohttp.ClientError, OSError)
_CREDENTIALS = re.compile(r"//[^/@\s]+@")


def client(*, ca_file: Path | None, limit: int = 100) -> httpx.AsyncClient:
    """At most `limit` connections at a time; the caller closes it with `aclose()`.

    No redirect is followed and no cookie is stored. Proxies come from the environment, and certificate authorities
    from certifi where there is no `ca_file`.
    """
    return _Client(
        verify=ssl.create_default_context(cafile=str(ca_file or certifi.where())),
        limits=httpx.Limits(max_connections=limit, keepalive_expiry=_IDLE_CONNECTION),
        timeout=_TIMEOUT,
        headers={"User-Agent": f"callkeeper/{metadata.version('callkeeper')}", "Accept": "application/json"},
        cookies=_NoCookies(),
        follow_redirects=False,
    )


async def send(
    http: Http,
    auth: Auth,
    method: str,
    url: str,
    headers: Headers,
    body: bytes | None = None,
    reserve: Reserve | None = None,
) -> Answer:
    """One request and its complete answer, whatever its status; Unavailable where no answer came.

    ``reserve`` is awaited with the bytes of a large answer, as far as they are known, before it is read further.
    """
    read = partial(_content, reserve)
    try:
        sent = await aiohttp_request.ask(http, auth, method, url, headers, body, read)
    except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
        raise BadResponse("Graph gave a link that is not a URL") from error
    except _BROKEN as error:
        raise BadResponse(f"Graph's answer broke off ({_message(error)})") from error
    except _FAILED as error:
        raise Unavailable(f"Graph could not be reached ({_message(error)})") from error
    return Answer(*sent)


async def _content(reserve: Reserve | None, response: aiohttp.ClientResponse) -> bytes:
    """The decompressed bytes; while it waits for ``reserve``, the connection is not read."""
    pieces, size, is_reserved = [], 0, reserve is None
    async for piece in response.content.iter_any():
        size += len(piece)
        if size > MOST_BYTES:
            response.close()
            raise BadResponse(f"Graph's answer has more than {MOST_BYTES // 1_000_000} MB")
        if size > LARGE and reserve is not None and not is_reserved:
            await reserve(_length(response))
            is_reserved = True
        pieces.append(piece)
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def _length(response: aiohttp.ClientResponse) -> int | None:
    """The bytes of the answer; None where they are not known, because it is compressed or sent in pieces."""
    length = response.headers.get("content-length", "")
    return int(length) if length.isdecimal() and "content-encoding" not in response.headers else None


def default_headers(http: Http) -> Headers:
    """What this client sends with every request."""
    return dict(http.headers)


def _message(error: Exception) -> str:
    text = " ".join(f"{type(error).__name__} {error}".split())
    return _CREDENTIALS.sub("//…@", text)[:200]


class _Client(HttpxAiohttpClient):
    # httpx calls these two for a transport: one in general, and one for each proxy of the environment.

    def _init_transport(self, **options: Any) -> httpx.AsyncBaseTransport:  # type: ignore[override]
        return _transport(None, **options)

    def _init_proxy_transport(  # type: ignore[override]
        self, proxy: httpx.Proxy, **options: Any
    ) -> httpx.AsyncBaseTransport:
        return _transport(proxy, **options)


def _transport(
    proxy: httpx.Proxy | None, *, verify: ssl.SSLContext, limits: httpx.Limits, **_: Any
) -> httpx.AsyncBaseTransport:
    if proxy is not None and proxy.url.scheme not in {"http", "https"}:
        raise ValueError(f"a {proxy.url.scheme} proxy is not supported; give an http one in HTTPS_PROXY")

    def session() -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(
            ssl=verify, limit=limits.max_connections or 0, keepalive_timeout=limits.keepalive_expiry
        )
        return aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())

    return AiohttpTransport(verify=verify, proxy=proxy, client=session)


class _NoCookies(CookieJar):
    # One client serves several tenants: a cookie for one must not be sent for another.

    def extract_cookies(self, response: Any, request: Any) -> None: ...

    def add_cookie_header(self, request: Any) -> None: ...
