"""Call records as Graph reads them out: one, its sessions and participants page by page, and the list."""

from datetime import timedelta
from typing import Any

from aiohttp import web

from app.simulator.errors import bad_request, json_response, not_found
from app.simulator.graph import odata
from app.simulator.graph.form import Form
from app.simulator.graph.gate import caller_of, require_role
from app.simulator.graph.paging import Slice, next_link, read_slice
from app.simulator.graph.record_body import RecordBody
from app.simulator.graph.shelf import Kept
from app.simulator.world import World

ROOT = r"/{version:v1\.0|beta}/communications/callRecords"
# The key in brackets is OData's own way; clients built from its metadata write it so.
RECORDS = (ROOT + "/{id:[^/()]+}", ROOT + "('{id:[^/']+}')")
PAGING = {"$select", "$skiptoken"}


class RecordRoutes:
    def __init__(self, world: World) -> None:
        self.world = world

    def table(self) -> list[web.RouteDef]:
        below = [
            ("", self.record),
            ("/sessions", self.sessions),
            ("/sessions/{session_id}/segments", self.segments),
            ("/participants_v2", self.participants),
            ("/organizer_v2", self.organizer),
        ]
        return [
            web.get(ROOT, self.records),
            *(web.get(record + path, handler) for record in RECORDS for path, handler in below),
        ]

    async def record(self, request: web.Request) -> web.Response:
        query, settings = request.query, self.world.settings
        odata.check_options(query, {"$select", "$expand"})
        kept = self.find(request)
        expands = odata.read_expand(query.get("$expand"), combined=settings.combined_expand)
        return self.answer(request, RecordBody(request, kept, settings, self.prefer(request)).entity(expands))

    async def sessions(self, request: web.Request) -> web.Response:
        odata.check_options(request.query, {"$expand", *PAGING})
        kept = self.find(request)
        expand = request.query.get("$expand")
        if expand not in (None, "segments"):
            raise bad_request(f"Parsing OData Select and Expand failed: '{expand}' cannot be expanded.")
        body = RecordBody(request, kept, self.world.settings, self.prefer(request))
        return self.answer(request, body.sessions(segments=expand == "segments"))

    async def segments(self, request: web.Request) -> web.Response:
        """Only reached by following segments@odata.nextLink."""
        odata.check_options(request.query, PAGING)
        body = RecordBody(request, self.find(request), self.world.settings, self.prefer(request))
        return self.answer(request, body.segments(request.match_info["session_id"]))

    async def participants(self, request: web.Request) -> web.Response:
        odata.check_options(request.query, PAGING)
        body = RecordBody(request, self.find(request), self.world.settings, self.prefer(request))
        return self.answer(request, body.participants())

    async def organizer(self, request: web.Request) -> web.Response:
        kept = self.find(request)
        return self.answer(request, RecordBody(request, kept, self.world.settings, self.prefer(request)).organizer())

    async def records(self, request: web.Request) -> web.Response:
        """Only what can be read by now, in no order that could be relied on."""
        require_role(request)
        odata.check_options(request.query, {"$filter", *PAGING})
        prefer = self.prefer(request)
        page = read_slice(request.query.get("$skiptoken"), prefer, self.world.settings.list_page)
        wanted = odata.read_filter(request.query.get("$filter"))
        found, following = self.gather(request, page, wanted)
        select = odata.read_select(request.query.get("$select"))
        form = Form(prefer.omit_nulls, prefer.unknown_members, select)
        body: dict[str, Any] = {
            "@odata.context": f"{context(request)}#communications/callRecords",
            "value": [form.shape(kept.head, plain=kept.plain) for kept in found],
        }
        if following is not None:
            body["@odata.nextLink"] = next_link(request.url, following, page.size)
        return self.answer(request, body)

    def gather(self, request: web.Request, page: Slice, wanted: odata.Filter) -> tuple[list[Kept], int | None]:
        """A page of matching records from a place on, and the place of the first of the next page."""
        shelf = self.world.shelf(caller_of(request).tenant_id)
        found: list[Kept] = []
        for place, kept in shelf.walk(page.start, self.world.now(), self.retention):
            if not wanted.passes(kept.start, kept.participant_ids):
                continue
            if len(found) == page.size:
                return found, place
            found.append(kept)
        return found, None

    def find(self, request: web.Request) -> Kept:
        require_role(request)
        call_id = request.match_info["id"]
        shelf = self.world.shelf(caller_of(request).tenant_id)
        if kept := shelf.find(call_id, self.world.now(), self.retention):
            return kept
        raise not_found()

    @property
    def retention(self) -> timedelta:
        return timedelta(days=self.world.settings.retention_days)

    def prefer(self, request: web.Request) -> odata.Prefer:
        return odata.read_prefer(request.headers.getall("Prefer", []))

    def answer(self, request: web.Request, body: Any) -> web.Response:
        applied = ", ".join(request.headers.getall("Prefer", []))
        return json_response(body, headers={"Preference-Applied": applied} if applied else None)


def context(request: web.Request) -> str:
    return f"{request.url.origin()}/{request.match_info['version']}/$metadata"
