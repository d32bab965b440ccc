"""getPstnCalls and getDirectRoutingCalls, by their short and their qualified names, in pages by $skip."""

from datetime import timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote

from aiohttp import web

from app.simulator.call_logs.arguments import Range, read_range
from app.simulator.call_logs.store import DIRECT_ROUTING, PSTN
from app.simulator.errors import GraphError, bad_request, json_response
from app.simulator.graph.access import caller_of
from app.simulator.world import World

NAMES = {"getPstnCalls": (PSTN, "pstnCallLogRow"), "getDirectRoutingCalls": (DIRECT_ROUTING, "directRoutingLogRow")}
PATH = (
    r"/{version:v1\.0|beta}/communications/callRecords/"
    r"{function:(?:microsoft\.graph\.callRecords\.)?(?:getPstnCalls|getDirectRoutingCalls)}({arguments:[^()/]*})"
)
ROLE = "CallRecords.Read.All"


class CallLogRoutes:
    def __init__(self, world: World) -> None:
        self.world = world

    def table(self) -> list[web.RouteDef]:
        return [web.get(PATH, self.rows)]

    async def rows(self, request: web.Request) -> web.Response:
        settings = self.world.settings
        if ROLE not in caller_of(request).roles or not settings.logs_permitted:
            raise GraphError(HTTPStatus.FORBIDDEN, "Forbidden", "")  # seen without a message
        skip = read_skip(request)
        name = request.match_info["function"].rpartition(".")[2]
        kind, row_type = NAMES[name]
        wanted = read_range(unquote(request.match_info["arguments"]), is_link=skip is not None)
        self.check_range(wanted)
        rows = self.world.call_logs.between(
            caller_of(request).tenant_id, kind, *wanted, self.world.now(), inclusive=kind == PSTN
        )
        start, size = skip or 0, settings.log_page
        page = rows[start : start + size]
        context = f"{request.url.origin()}/{request.match_info['version']}/$metadata"
        body: dict[str, Any] = {
            "@odata.context": f"{context}#Collection(microsoft.graph.callRecords.{row_type})",
            "@odata.count": len(page),  # of this page
            "value": page,
        }
        if start + size < len(rows):
            body[self.link_name(kind)] = self.link(request, kind, start + size)
        return json_response(body)

    def check_range(self, wanted: Range) -> None:
        """406 for a long range was seen; its body is not known, so no client may depend on one."""
        settings = self.world.settings
        if wanted.until - wanted.since > timedelta(days=settings.log_range_days):
            raise GraphError(HTTPStatus.NOT_ACCEPTABLE, "", "")
        if settings.log_window and wanted.until > self.world.now():
            raise bad_request("toDateTime must not lie in the future.")

    def link_name(self, kind: str) -> str:
        return "@odata.NextLink" if kind == DIRECT_ROUTING and self.world.settings.log_old_links else "@odata.nextLink"

    def link(self, request: web.Request, kind: str, position: int) -> str:
        """In links of the PSTN log the arguments have other names, as in Graph's sample."""
        path = request.url.path
        if kind == PSTN:
            path = path.replace("fromDateTime=", "from=").replace("toDateTime=", "to=")
        return f"{request.url.origin()}{path}?$skip={position}"


def read_skip(request: web.Request) -> int | None:
    """Of a link; GraphError 400 for every other option, for none is documented."""
    if unknown := set(request.query) - {"$skip"}:
        raise bad_request(f"Query option '{min(unknown)}' is not supported.")
    text = request.query.get("$skip")
    if text is None:
        return None
    if not text.isdigit():
        raise bad_request("Invalid value for $skip.")
    return int(text)
