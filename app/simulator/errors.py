"""Graph's errors: status, code and message, and the JSON body that contains them."""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

import orjson
from aiohttp import web


class GraphError(Exception):
    def __init__(self, status: HTTPStatus, code: str, message: str, *, retry_after: int | None = None) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.retry_after = status, code, message, retry_after

    def response(self, request_id: str, client_request_id: str) -> web.Response:
        body = error_body(self.code, self.message, request_id, client_request_id)
        headers = {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}
        return json_response(body, status=self.status, headers=headers)


def error_body(code: str, message: str, request_id: str, client_request_id: str) -> dict[str, Any]:
    inner = {
        "date": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S"),
        "request-id": request_id,
        "client-request-id": client_request_id,
    }
    return {"error": {"code": code, "message": message, "innerError": inner}}


def json_response(body: Any, *, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    return web.Response(body=orjson.dumps(body), status=status, headers=headers, content_type="application/json")


def bad_request(message: str, code: str = "BadRequest") -> GraphError:
    return GraphError(HTTPStatus.BAD_REQUEST, code, message)


RECORD_NOT_FOUND = (
    "Could not find the requested call record. Records about calls or online meetings that started more than "
    "30 days ago are not available."
)


def not_found(message: str = "The requested resource does not exist.") -> GraphError:
    return GraphError(HTTPStatus.NOT_FOUND, "NotFound", message)


def unauthorized(message: str) -> GraphError:
    return GraphError(HTTPStatus.UNAUTHORIZED, "InvalidAuthenticationToken", message)
