"""What Graph's answer means: a document, or one of the errors; pure."""

import math
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple

from app import ids, wire
from app.graph.errors import (
    BadResponse,
    Conflict,
    GraphError,
    LoginFailed,
    NotFound,
    Refused,
    Throttled,
    Unavailable,
)

_OK = range(200, 300)
_REDIRECT = range(300, 400)
_SERVER_ERROR = range(500, 600)
_BUSY = frozenset({503, 504, 509})
_LONGEST_WAIT = 86_400.0
_JSON = re.compile(r"application/(?:[\w.+-]+\+)?json\b", re.IGNORECASE)
_SUBSCRIPTION = re.compile(r"Subscription Id\s+'?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})", re.IGNORECASE)
_PRIVATE = re.compile(r"eyJ[\w-]+(?:\.[\w-]*)*|[^\s@'\"<>]+@[^\s@'\"<>]+")


class Answer(NamedTuple):
    """One answer as Graph sent it; the bytes are decompressed and otherwise unchanged."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def document(answer: Answer, parse: Callable[[bytes], Any] = wire.parsed) -> dict[str, Any]:
    """The JSON object of a 2xx answer, read by ``parse``; BadResponse if it contains none."""
    if not is_json(answer):
        raise BadResponse("Graph's answer is not JSON", **_properties(answer))
    try:
        value = parse(answer.body)
    except ValueError as cause:
        raise BadResponse("Graph's answer is broken JSON", **_properties(answer)) from cause
    if not isinstance(value, dict):
        raise BadResponse("Graph's answer is not a JSON object", **_properties(answer))
    return value


def is_json(answer: Answer) -> bool:
    """Whether it says that it is JSON."""
    return _JSON.match(answer.headers.get("content-type", "")) is not None


def error(answer: Answer) -> GraphError | None:
    """What the answer's status means; None for 2xx."""
    status = answer.status
    if status in _OK:
        return None
    properties = _properties(answer)
    if status == 429 or (status in _BUSY and "retry-after" in answer.headers):
        return _throttled(answer, properties)
    if status in _SERVER_ERROR or status == 408:
        return Unavailable(f"Graph is not available ({status})", **properties)
    if status in _REDIRECT:
        return BadResponse(f"Graph sent a redirect ({status}), which is never followed", **properties)
    return _refusal(answer, properties)


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds to wait, from a number or an HTTP date; None where the header is missing or not valid."""
    text = headers.get("retry-after", "").strip()
    try:
        seconds = float(text)
    except ValueError:
        moment = _http_date(text)
        # Graph's own clock, if the answer has its time: ours may be wrong.
        seconds = (moment - (_http_date(headers.get("date", "")) or now)).total_seconds() if moment else math.nan
    return None if math.isnan(seconds) else min(max(seconds, 0.0), _LONGEST_WAIT)


def _throttled(answer: Answer, properties: dict[str, Any]) -> Throttled:
    wait = retry_after(answer.headers, datetime.now(UTC))
    until = "" if wait is None else f" for {wait:.0f} s"
    throttled = Throttled(f"Graph asked us to wait{until} ({answer.status})", **properties)
    throttled.retry_after = wait
    return throttled


def _refusal(answer: Answer, properties: dict[str, Any]) -> GraphError:
    reason = _reason(answer)
    refusal: GraphError
    match answer.status:
        case 401:
            refusal = LoginFailed(f"Graph does not accept our token (401 {reason})", **properties)
        case 404:
            refusal = NotFound("Graph does not have it (404)", **properties)
        case 409:
            refusal = Conflict(f"Graph has this already (409 {reason})", **properties)
            found = _SUBSCRIPTION.search(reason)
            refusal.subscription_id = ids.guid(found[1]) if found else None
        case 403:
            hint = "is CallRecords.Read.All granted with admin consent?"
            refusal = Refused(f"Graph refused this (403 {reason}); {hint}", **properties)
        case status:
            refusal = Refused(f"Graph refused this ({status} {reason})", **properties)
    refusal.reason = reason
    return refusal


def _properties(answer: Answer) -> dict[str, Any]:
    code = _error_body(answer).get("code") if answer.status not in _OK else None
    return {
        "status": answer.status,
        "code": code if isinstance(code, str) else None,
        "request_id": answer.headers.get("request-id"),
        "client_request_id": answer.headers.get("client-request-id"),
    }


def _reason(answer: Answer) -> str:
    body = _error_body(answer)
    texts = [text for key in ("code", "message") if isinstance(text := body.get(key), str) and text]
    return _PRIVATE.sub("…", " ".join(": ".join(texts).split()))[:300]


def _error_body(answer: Answer) -> dict[str, Any]:
    # https://learn.microsoft.com/graph/errors#json-representation
    try:
        value = wire.parsed(answer.body)
    except ValueError:
        return {}
    inner = value.get("error") if isinstance(value, dict) else None
    return inner if isinstance(inner, dict) else {}


def _http_date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
