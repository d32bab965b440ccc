"""Access control of the Graph routes: the bearer token, then the throttling limits, then the role."""

from http import HTTPStatus

from aiohttp import web

from app.simulator.errors import GraphError
from app.simulator.graph.throttle import WINDOW_S
from app.simulator.login.tokens import Caller
from app.simulator.world import World

CALLER = web.RequestKey("caller", Caller)
ROLE = "CallRecords.Read.All"
RECORDS = "/communications/callRecords"
LOG_SECONDS = 60.0  # in which requests to one log are counted


def authorize(world: World, request: web.Request) -> None:
    """Store the caller in the request; GraphError 401 or 429."""
    caller = world.mint.check(request.headers.get("Authorization"), world.settings.clock_offset_s)
    request[CALLER] = caller
    if function := request.match_info.get("function"):
        log = f"{function.rpartition('.')[2]} {caller.tenant_id}"
        count(world, [("log", log, world.settings.log_limit)], LOG_SECONDS)
    elif RECORDS in request.path:
        count_record_request(world, request, caller)
    elif "/subscriptions" in request.path:
        count_subscription_request(world, request, caller)


def count_record_request(world: World, request: web.Request, caller: Caller) -> None:
    settings = world.settings
    call_id = request.match_info.get("id", "").lower()
    if call_id:
        world.journal.record_gets[call_id] += 1
    own = ("record", call_id, settings.record_limit) if call_id else ("list", caller.tenant_id, settings.list_limit)
    count(world, [own, ("tenant", f"{caller.client_id} {caller.tenant_id}", settings.tenant_limit)])
    if not call_id:
        world.storms.count(settings.list_storm_every, settings.list_storm_length, settings.list_storm_retry_after_s)


def count_subscription_request(world: World, request: web.Request, caller: Caller) -> None:
    """https://learn.microsoft.com/graph/throttling-limits#subscription-service-limits"""
    settings, both = world.settings, f"{caller.client_id} {caller.tenant_id}"
    if "subscription_id" in request.match_info or request.method != "GET":
        kind = "read" if request.method == "GET" else "write"
        count(world, [(f"subscription {kind}", both, settings.subscription_limit)])
    else:
        of_app = ("subscription list of app", caller.client_id, settings.subscription_list_app_limit)
        count(world, [("subscription list", both, settings.subscription_list_limit), of_app])


def count(world: World, limits: list[tuple[str, str, int]], seconds: float = WINDOW_S) -> None:
    """Count the request towards every limit, even when the first limit already throttles it, as Graph does."""
    refusals = []
    for kind, key, limit in limits:
        try:
            world.throttle.count(kind, key, limit if world.settings.throttle else None, seconds)
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
