"""The middleware of every route: request ids, request log, faults, throttling and authorization."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import format_datetime
from http import HTTPStatus
from typing import Any
from uuid import uuid4

import orjson
from aiohttp import web

from app.simulator.control import broken_responses
from app.simulator.control.access import PREFIX
from app.simulator.control.faults import Fault
from app.simulator.control.journal import LoggedRequest
from app.simulator.errors import GraphError, bad_request, unauthorized
from app.simulator.graph.access import authorize
from app.simulator.login.entra_error import EntraError
from app.simulator.world import World

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
GRAPH = ("/v1.0", "/beta")


class ConnectionCut(Exception):
    """The connection was cut, so no response can be sent."""


class Middleware:
    """All steps are in one middleware because their order matters."""

    def __init__(self, world: World) -> None:
        self.world = world

    async def handle(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path.startswith(PREFIX):
            return await handler(request)
        request_id, client_request_id = str(uuid4()), request.headers.get("client-request-id", str(uuid4()))
        try:
            with self.world.journal.open_request():
                response = await self.answer(request, handler, request_id, client_request_id)
        except ConnectionCut:
            self.log(request, 0)
            return web.Response()  # not sent: the connection is closed
        self.log(request, response.status)
        if not response.prepared:
            response.headers.update(answer_headers(request_id, client_request_id, self.world.now()))
        return response

    async def answer(
        self, request: web.Request, handler: Handler, request_id: str, client_request_id: str
    ) -> web.StreamResponse:
        try:
            return await self.with_faults(request, handler)
        except GraphError as error:
            if not request.path.startswith(GRAPH):
                return EntraError("temporarily_unavailable", 90033, error.message, error.status).response()
            return error.response(request_id, client_request_id)
        except web.HTTPNotFound:
            text = f"Resource not found for the segment '{request.path.rpartition('/')[2]}'."
            return bad_request(text).response(request_id, client_request_id)
        except web.HTTPMethodNotAllowed as error:
            refusal = GraphError(HTTPStatus.METHOD_NOT_ALLOWED, "BadRequest", f"{error.method} is not allowed here.")
            return refusal.response(request_id, client_request_id)

    async def with_faults(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Throttling comes first: a request that a fault makes fail counts towards the limits."""
        if request.path.startswith(GRAPH):
            authorize(self.world, request)
        active = self.world.faults.for_request(request.method, request.path_qs)
        for fault in active:
            await self.apply_before(fault, request)
        response = await handler(request)
        for fault in active:
            if isinstance(response, web.Response):
                response = await self.apply_after(fault, request, response)
        return response

    async def apply_before(self, fault: Fault, request: web.Request) -> None:
        match fault.fault:
            case "status":
                status = HTTPStatus(fault.status)
                raise GraphError(
                    status, code_of(status), "This error was requested as a fault.", retry_after=fault.retry_after
                )
            case "expired_token":
                raise unauthorized("Lifetime validation failed, the token is expired.")
            case "slow":
                with suppress(TimeoutError):
                    await asyncio.wait_for(self.world.faults.cleared.wait(), fault.seconds)
            case "cut":
                cut(request)
                raise ConnectionCut

    async def apply_after(self, fault: Fault, request: web.Request, response: web.Response) -> web.StreamResponse:
        match fault.fault:
            case "not_json":
                return web.Response(body=broken_responses.NOT_JSON, content_type="text/html")
            case "truncate":
                return await truncated(request, response)
            case "version_change" | "rewrite":
                self.change_record(request, fault)
                return response
            case "other_id" | "foreign_link" | "metadata_link" | "loop_link":
                if response.content_type == "application/json":
                    body = broken(fault, orjson.loads(body_of(response)), str(request.url))
                    response.body = orjson.dumps(body)
        return response

    def change_record(self, request: web.Request, fault: Fault) -> None:
        """Called after the response was built, so that the next request reads a changed record."""
        call_id = request.match_info.get("id", "").lower()
        for tenant_id in list(self.world.records):
            if fault.fault == "rewrite":
                self.world.rewrite(call_id, tenant_id=tenant_id)
            else:
                self.world.bump(call_id, tenant_id=tenant_id, notify=False)

    def log(self, request: web.Request, status: int) -> None:
        resource = request.match_info.route.resource
        logged = LoggedRequest(
            time=datetime.now(UTC).isoformat(),
            method=request.method,
            path=request.path_qs,
            status=status,
            client_request_id=request.headers.get("client-request-id"),
            authorization="Authorization" in request.headers,
        )
        self.world.journal.add(logged, resource.canonical if resource else "unknown")


def broken(fault: Fault, body: Any, url: str) -> Any:
    match fault.fault:
        case "other_id":
            return broken_responses.other_id(body)
        case "foreign_link":
            return broken_responses.foreign_link(body, fault.host)
        case "metadata_link":
            return broken_responses.metadata_link(body)
    return broken_responses.loop_link(body, url)


async def truncated(request: web.Request, response: web.Response) -> web.StreamResponse:
    """Announce the complete length, send half of the body, and close the connection."""
    body = body_of(response)
    half = web.StreamResponse(status=response.status, headers={"Content-Type": response.content_type})
    half.content_length = len(body)
    await half.prepare(request)
    await half.write(body[: len(body) // 2])
    if request.transport:
        request.transport.close()
    return half


def cut(request: web.Request) -> None:
    """The client sees a connection reset instead of the end of a response."""
    transport = request.transport
    if isinstance(transport, asyncio.Transport):
        transport.abort()


def body_of(response: web.Response) -> bytes:
    return response.body if isinstance(response.body, bytes) else b""


def code_of(status: HTTPStatus) -> str:
    codes = {429: "TooManyRequests", 503: "ServiceUnavailable", 401: "InvalidAuthenticationToken", 404: "NotFound"}
    return codes.get(status, status.phrase.title().replace(" ", ""))


def answer_headers(request_id: str, client_request_id: str, now: datetime) -> dict[str, str]:
    """The date is the world's clock: a client can detect that its own clock is wrong."""
    date = format_datetime(now, usegmt=True)
    return {"request-id": request_id, "client-request-id": client_request_id, "Date": date}
