"""The body of `POST /v1.0/$batch`, read and checked before any of its requests runs: pure.

https://learn.microsoft.com/graph/json-batching
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import orjson

MOST = 20  # requests, as at Microsoft Graph

_METHOD = re.compile(r"[A-Za-z]{1,10}", re.ASCII)
_LONGEST_ID = 100  # characters
_LONGEST_URL = 8000  # characters
_FORWARDED = ("prefer", "client-request-id")  # the only request headers that change an answer of /v1.0
_SAFE_IN_QUERY = "%$&=+,;:/?@!'()*[]"


class InvalidBatchError(ValueError):
    """The entire batch is refused; the text says why, for the caller."""


@dataclass(frozen=True, slots=True)
class BatchRequest:
    """One request of a batch. ``refusal`` is set where this request alone is wrong, which is its own 400."""

    id: str
    method: str
    path: str
    """Decoded, with ``/v1.0``."""
    query: bytes
    headers: Mapping[str, str]
    depends_on: tuple[str, ...]
    refusal: str | None = None


def parse(body: bytes | bytearray, origin: str, host: str | None) -> list[BatchRequest]:
    """The requests in their order; ``origin`` and ``host`` are those under which the client reached us."""
    requests = [_request(item, number, origin, host) for number, item in enumerate(_items(body), 1)]
    ids = {request.id.lower(): request.id for request in requests}
    if len(ids) < len(requests):
        raise InvalidBatchError("Two requests have the same id; ids are compared without letter case.")
    found = [_with_known_dependencies(request, ids) for request in requests]
    _refuse_cycles(found)
    return found


def _items(body: bytes | bytearray) -> list[Any]:
    try:
        value = orjson.loads(body)
    except ValueError:
        raise InvalidBatchError("The body is not JSON.") from None
    items = value.get("requests") if isinstance(value, dict) else None
    if not isinstance(items, list) or not items:
        raise InvalidBatchError("The body needs the property 'requests', a list of at least one request.")
    if len(items) > MOST:
        raise InvalidBatchError(f"A batch has at most {MOST} requests; this one has {len(items)}.")
    return items


def _request(item: Any, number: int, origin: str, host: str | None) -> BatchRequest:
    if not isinstance(item, dict):
        raise InvalidBatchError(f"Request {number} is not an object.")
    request_id = _text(item, "id", number, _LONGEST_ID)
    method = _text(item, "method", number, _LONGEST_ID)
    if not _METHOD.fullmatch(method):
        raise InvalidBatchError(f"Request {number}: 'method' is not an HTTP method.")
    url = _text(item, "url", number, _LONGEST_URL)
    depends_on, headers = _depends_on(item, number), _headers(item, number)
    try:
        path, query = _path_and_query(url, origin, host)
    except _RefusedUrlError as error:
        return BatchRequest(request_id, method.upper(), "", b"", headers, depends_on, str(error))
    return BatchRequest(request_id, method.upper(), path, query, headers, depends_on)


def _text(item: Mapping[str, Any], name: str, number: int, longest: int) -> str:
    value = item.get(name)
    if not isinstance(value, str) or not value:
        raise InvalidBatchError(f"Request {number} needs the property '{name}', a string that is not empty.")
    if len(value) > longest or not value.isprintable():
        raise InvalidBatchError(f"Request {number}: '{name}' is too long or has control characters.")
    return value


def _depends_on(item: Mapping[str, Any], number: int) -> tuple[str, ...]:
    """The ids; Microsoft's SDK for Python writes the property ``depends_on``."""
    given = [item[name] for name in ("dependsOn", "depends_on") if item.get(name) is not None]
    if not all(isinstance(ids, list) and all(isinstance(one, str) for one in ids) for ids in given):
        raise InvalidBatchError(f"Request {number}: 'dependsOn' must be a list of ids.")
    return tuple(one for ids in given for one in ids)


def _headers(item: Mapping[str, Any], number: int) -> dict[str, str]:
    given = item.get("headers")
    if given is None:
        return {}
    if not isinstance(given, dict):
        raise InvalidBatchError(f"Request {number}: 'headers' must be an object.")
    texts = {name.lower(): value for name, value in given.items() if isinstance(value, str)}
    return {name: texts[name] for name in _FORWARDED if texts.get(name, "").isascii() and name in texts}


class _RefusedUrlError(ValueError):
    """A URL that cannot be requested in a batch; the text says why."""


def _path_and_query(url: str, origin: str, host: str | None) -> tuple[str, bytes]:
    """The path below ``/v1.0`` and the query, percent-encoded where the client left that out."""
    relative, _, fragment = _relative(url, origin, host).partition("#")
    if fragment:
        raise _RefusedUrlError("A URL in a batch has no fragment (#).")
    path, _, query = relative.partition("?")
    path = "/" + unquote(path).lstrip("/")
    if not path.startswith("/v1.0/"):
        path = f"/v1.0{path}"
    if path.startswith("/v1.0/beta/"):
        raise _RefusedUrlError("Only /v1.0 is served here, not /beta.")
    if path.rstrip("/").lower() == "/v1.0/$batch":
        raise _RefusedUrlError("A batch cannot be in a batch.")
    return path, quote(query, safe=_SAFE_IN_QUERY).encode("ascii")


def _relative(url: str, origin: str, host: str | None) -> str:
    """Without our own scheme, host and proxy prefix, which Microsoft's SDKs leave in; another host is refused."""
    prefix = urlsplit(origin).path
    if "://" in url.partition("?")[0]:
        try:
            given = urlsplit(url)
        except ValueError:
            raise _RefusedUrlError("The URL cannot be read.") from None
        if given.netloc.lower() not in {urlsplit(origin).netloc.lower(), (host or "").lower()}:
            raise _RefusedUrlError("A URL in a batch is relative, or an absolute URL of this host.")
        url = given._replace(scheme="", netloc="").geturl()
    return url.removeprefix(prefix) if prefix and url.startswith(f"{prefix}/") else url


def _with_known_dependencies(request: BatchRequest, ids: Mapping[str, str]) -> BatchRequest:
    """With each dependency written as the id of its request."""
    for each in request.depends_on:
        if each.lower() not in ids:
            raise InvalidBatchError(f"Request {request.id!r} depends on an id that no request of the batch has.")
    known = tuple(dict.fromkeys(ids[each.lower()] for each in request.depends_on))
    return BatchRequest(
        request.id, request.method, request.path, request.query, request.headers, known, request.refusal
    )


def _refuse_cycles(requests: Sequence[BatchRequest]) -> None:
    """A cycle would wait for itself for ever."""
    waiting = {request.id: set(request.depends_on) for request in requests}
    while ready := {each for each, before in waiting.items() if not before}:
        waiting = {each: before - ready for each, before in waiting.items() if each not in ready}
    if waiting:
        raise InvalidBatchError(f"Request {min(waiting)!r} depends on itself, directly or through others.")
