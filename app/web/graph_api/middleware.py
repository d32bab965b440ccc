"""What every answer below `/v1.0` has in common with Graph's: request ids, and errors in Graph's form.

It stands around the whole application, so that an answer given before or beside the routes cannot be forgotten.
https://learn.microsoft.com/graph/errors
"""

import re
from datetime import UTC, datetime
from typing import Any
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
    429: "TooManyRequests",
    500: "InternalServerError",
    503: "ServiceUnavailable",
}
_CLIENT_ID = re.compile(r"[A-Za-z0-9._:{}-]{1,128}", re.ASCII)


class GraphEdge:
    """The application with Graph's manners below ``/v1.0``; elsewhere it is as it was."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        below = scope["type"] == "http" and (scope["path"] + "/").startswith(ROOT + "/")
        await self._app(scope, receive, _Reply(scope, send).take if below else send)


class _Reply:
    """One answer on its way out; of a problem document the body is held until it can be written anew."""

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
        status = 400 if start["status"] == 422 else start["status"]
        body = orjson.dumps(self._error(status, orjson.loads(self._body or b"{}")))
        headers = MutableHeaders(scope=start)
        headers["content-type"], headers["content-length"] = "application/json", str(len(body))
        await self._send({**start, "status": status})
        await self._send({"type": "http.response.body", "body": body})

    def _error(self, status: int, problem: dict[str, Any]) -> dict[str, Any]:
        inner = {
            "date": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S"),
            "request-id": self._request_id,
            "client-request-id": self._client_id,
        }
        code = problem.get("code") or _CODES.get(status, "UnknownError")
        return {"error": {"code": code, "message": str(problem.get("detail", "")), "innerError": inner}}
