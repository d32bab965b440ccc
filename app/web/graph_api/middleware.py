"""What all requests below `/v1.0` have in common at Graph: keys in two forms, request ids, and errors in its form.

It wraps the entire application, so that an answer given before or beside the routes cannot be forgotten.
https://learn.microsoft.com/graph/errors
"""

import re
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import uuid4

import orjson
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

ROOT = "/v1.0"

_PROBLEM = "application/problem+json"
_CODES = {
    400: "BadRequest",
    401: "InvalidAuthenticationToken",
    403: "Forbidden",
    404: "ResourceNotFound",
    405: "MethodNotAllowed",
    408: "RequestTimeout",
    413: "RequestEntityTooLarge",
    424: "FailedDependency",
    429: "TooManyRequests",
    500: "InternalServerError",
    503: "ServiceUnavailable",
    504: "GatewayTimeout",
}
_KEY = re.compile(r"/([A-Za-z_0-9]+)\('((?:[^'/]|'')+)'\)(?=/|$)")
_CLIENT_ID = re.compile(r"[A-Za-z0-9._:{}-]{1,128}", re.ASCII)


class Answer(NamedTuple):
    """A complete answer; names of ``headers`` are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


class GraphEdge:
    """The application with Graph's manners below ``/v1.0``; elsewhere it is as it was."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not (scope["path"] + "/").startswith(ROOT + "/"):
            await self._app(scope, receive, send)
            return
        await self._app({**scope, "path": _with_plain_keys(scope["path"])}, receive, _Reply(scope, send).take)


def _with_plain_keys(path: str) -> str:
    """``/callRecords('id')`` as ``/callRecords/id``: OData lets a client write both."""
    return _KEY.sub(lambda found: "/" + found[1] + "/" + found[2].replace("''", "'"), path)


class _Reply:
    """One answer on its way out; the body of a problem document is buffered until it can be rewritten."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self._send = send
        given = Headers(scope=scope).get("client-request-id", "")
        self._request_id = str(uuid4())
        self._client_id = given if _CLIENT_ID.fullmatch(given) else self._request_id
        self._problem: Message | None = None
        self._body = b""

    async def take(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers["request-id"], headers["client-request-id"] = self._request_id, self._client_id
            if headers.get("content-type", "").startswith(_PROBLEM):
                self._problem = message
                return
        elif message["type"] == "http.response.body" and self._problem is not None:
            self._body += message.get("body", b"")
            if not message.get("more_body"):
                await self._answer(self._problem)
            return
        await self._send(message)

    async def _answer(self, start: Message) -> None:
        status = 400 if start["status"] == 422 else start["status"]  # Graph knows no 422
        problem = orjson.loads(self._body or b"{}")
        body = _error(status, problem.get("code"), str(problem.get("detail", "")), self._request_id, self._client_id)
        headers = MutableHeaders(scope=start)
        headers["content-type"], headers["content-length"] = "application/json", str(len(body))
        await self._send({**start, "status": status})
        await self._send({"type": "http.response.body", "body": body})


def error_response(status: int, detail: str, client_id: str | None) -> Answer:
    """Graph's error as the answer to a request of a batch that did not reach the application."""
    request_id = str(uuid4())
    client_id = client_id if client_id and _CLIENT_ID.fullmatch(client_id) else request_id
    headers = {"content-type": "application/json", "request-id": request_id, "client-request-id": client_id}
    return Answer(status, headers, _error(status, None, detail, request_id, client_id))


def _error(status: int, code: str | None, detail: str, request_id: str, client_id: str) -> bytes:
    inner = {
        "date": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S"),
        "request-id": request_id,
        "client-request-id": client_id,
    }
    code = code or _CODES.get(status, "UnknownError")
    return orjson.dumps({"error": {"code": code, "message": detail, "innerError": inner}})
