"""What stands before every Graph route: the bearer token, then the limits, then the role."""

from http import HTTPStatus

from aiohttp import web

from app.simulator.errors import GraphError
from app.simulator.login.tokens import Caller
from app.simulator.world import World

CALLER = web.RequestKey("caller", Caller)
ROLE = "CallRecords.Read.All"
RECORDS = "/communications/callRecords"


def let_in(world: World, request: web.Request) -> None:
    """GraphError 401 or 429, or the request knows its caller."""
    caller = world.mint.check(request.headers.get("Authorization"), world.settings.clock_offset_s)
    request[CALLER] = caller
    if RECORDS in request.path:
        note(world, request, caller)


def note(world: World, request: web.Request, caller: Caller) -> None:
    """Every kind is counted even when the first one already throttles, as Graph does."""
    settings, throttle = world.settings, world.throttle
    call_id = request.match_info.get("id", "").lower()
    if call_id:
        world.journal.record_gets[call_id] += 1
    own = ("record", call_id, settings.record_limit) if call_id else ("list", caller.tenant_id, settings.list_limit)
    tenant = ("tenant", f"{caller.client_id} {caller.tenant_id}", settings.tenant_limit)
    refusals = []
    for kind, key, limit in (own, tenant):
        try:
            throttle.note(kind, key, limit if settings.throttle else None)
        except GraphError as refusal:
            refusals.append(refusal)
    if refusals:
        raise refusals[0]


def caller_of(request: web.Request) -> Caller:
    return request[CALLER]


def require_role(request: web.Request) -> None:
    if ROLE not in caller_of(request).roles:
        text = f"The application lacks the permission {ROLE}."
        raise GraphError(HTTPStatus.FORBIDDEN, "Forbidden", text)
