"""What every request passes: ids and log, requested faults, and Graph's throttling and authorization."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from email.utils import format_datetime
from http import HTTPStatus
from typing import Any
from uuid import uuid4

import orjson
from aiohttp import web

from app.simulator.control import spoil
from app.simulator.control.door import PREFIX
from app.simulator.control.faults import Fault
from app.simulator.control.journal import Asked
from app.simulator.errors import GraphError, bad_request, unauthorized
from app.simulator.graph.gate import let_in
from app.simulator.login.entra_error import EntraError
from app.simulator.world import World

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
GRAPH = ("/v1.0", "/beta")


class HungUp(Exception):
    """The connection is cut: there is nothing to answer."""


class Doorway:
    """One middleware: the order of its steps is what matters."""

    def __init__(self, world: World) -> None:
        self.world = world

    async def pass_through(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path.startswith(PREFIX):
            return await handler(request)
        request_id, client_request_id = str(uuid4()), request.headers.get("client-request-id", str(uuid4()))
        try:
            with self.world.journal.one_more_open():
                response = await self.answer(request, handler, request_id, client_request_id)
        except HungUp:
            self.log(request, 0)
            return web.Response()  # the client has gone
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
        """Limits first: a request that then fails still counts towards them."""
        if request.path.startswith(GRAPH):
            let_in(self.world, request)
        struck = self.world.faults.strike(request.method, request.path_qs)
        for fault in struck:
            await self.hinder(fault, request)
        response = await handler(request)
        for fault in struck:
            if isinstance(response, web.Response):
                response = await self.damage(fault, request, response)
        return response

    async def hinder(self, fault: Fault, request: web.Request) -> None:
        match fault.fault:
            case "status":
                status = HTTPStatus(fault.status)
                raise GraphError(status, code_of(status), "A fault was asked for.", retry_after=fault.retry_after)
            case "expired_token":
                raise unauthorized("Lifetime validation failed, the token is expired.")
            case "slow":
                await asyncio.sleep(fault.seconds)
            case "cut":
                cut(request)
                raise HungUp

    async def damage(self, fault: Fault, request: web.Request, response: web.Response) -> web.StreamResponse:
        match fault.fault:
            case "not_json":
                return web.Response(body=spoil.NOT_JSON, content_type="text/html")
            case "truncate":
                return await truncated(request, response)
            case "version_change" | "rewrite":
                self.change_record(request, fault)
                return response
            case "other_id" | "foreign_link" | "metadata_link" | "loop_link":
                if response.content_type == "application/json":
                    body = spoiled(fault, orjson.loads(body_of(response)), str(request.url))
                    response.body = orjson.dumps(body)
        return response

    def change_record(self, request: web.Request, fault: Fault) -> None:
        """After the answer was made: the next request reads another record than this one."""
        call_id = request.match_info.get("id", "").lower()
        for tenant_id in list(self.world.shelves):
            if fault.fault == "rewrite":
                self.world.rewrite(call_id, tenant_id=tenant_id)
            else:
                self.world.bump(call_id, tenant_id=tenant_id, notify=False)

    def log(self, request: web.Request, status: int) -> None:
        resource = request.match_info.route.resource
        asked = Asked(
            time=datetime.now(UTC).isoformat(),
            method=request.method,
            path=request.path_qs,
            status=status,
            client_request_id=request.headers.get("client-request-id"),
            authorization="Authorization" in request.headers,
        )
        self.world.journal.ask(asked, resource.canonical if resource else "unknown")


def spoiled(fault: Fault, body: Any, url: str) -> Any:
    match fault.fault:
        case "other_id":
            return spoil.other_id(body)
        case "foreign_link":
            return spoil.foreign_link(body, fault.host)
        case "metadata_link":
            return spoil.metadata_link(body)
    return spoil.loop_link(body, url)


async def truncated(request: web.Request, response: web.Response) -> web.StreamResponse:
    """Promises the complete length, sends half of it, and closes the connection."""
    body = body_of(response)
    half = web.StreamResponse(status=response.status, headers={"Content-Type": response.content_type})
    half.content_length = len(body)
    await half.prepare(request)
    await half.write(body[: len(body) // 2])
    if request.transport:
        request.transport.close()
    return half


def cut(request: web.Request) -> None:
    """Without a goodbye: the other side sees a reset, not the end of an answer."""
    transport = request.transport
    if isinstance(transport, asyncio.Transport):
        transport.abort()


def body_of(response: web.Response) -> bytes:
    return response.body if isinstance(response.body, bytes) else b""


def code_of(status: HTTPStatus) -> str:
    codes = {429: "TooManyRequests", 503: "ServiceUnavailable", 401: "InvalidAuthenticationToken", 404: "NotFound"}
    return codes.get(status, status.phrase.title().replace(" ", ""))


def answer_headers(request_id: str, client_request_id: str, now: datetime) -> dict[str, str]:
    """The date is the world's: a client whose clock is wrong can see it here."""
    date = format_datetime(now, usegmt=True)
    return {"request-id": request_id, "client-request-id": client_request_id, "Date": date}
