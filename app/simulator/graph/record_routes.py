"""The routes of call records: one record, pages of its sessions and participants, and List."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from aiohttp import web

from app.simulator.errors import RECORD_NOT_FOUND, bad_request, json_response, not_found
from app.simulator.generated import GeneratedRecords
from app.simulator.graph import odata
from app.simulator.graph.access import caller_of, require_role
from app.simulator.graph.list_window import check_window
from app.simulator.graph.paging import Slice, next_link, read_slice
from app.simulator.graph.record_body import RecordBody
from app.simulator.graph.record_store import StoredRecord
from app.simulator.graph.response_form import Form
from app.simulator.world import World

ROOT = r"/{version:v1\.0|beta}/communications/callRecords"
# The key in parentheses is OData's form; clients that are generated from the metadata use it.
RECORDS = (ROOT + "/{id:[^/()]+}", ROOT + "('{id:[^/']+}')")
PAGING = {"$select", "$skiptoken"}
GENERATED = 1_000_000_000  # positions from here on belong to generated records
MOST_LOOKED_AT = 2_000  # generated records per page: a filter with few matches returns empty pages


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
        record = self.find(request)
        expands = odata.read_expand(query.get("$expand"), relations=settings.expand_relations)
        return self.answer(request, RecordBody(request, record, settings, self.prefer(request)).entity(expands))

    async def sessions(self, request: web.Request) -> web.Response:
        odata.check_options(request.query, {"$expand", *PAGING})
        record = self.find(request)
        expand = request.query.get("$expand")
        if expand not in (None, "segments"):
            raise bad_request(f"Parsing OData Select and Expand failed: '{expand}' cannot be expanded.")
        body = RecordBody(request, record, self.world.settings, self.prefer(request))
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
        record = self.find(request)
        return self.answer(request, RecordBody(request, record, self.world.settings, self.prefer(request)).organizer())

    async def records(self, request: web.Request) -> web.Response:
        """Only records that are readable now; the order is not defined."""
        require_role(request)
        settings = self.world.settings
        odata.check_options(request.query, {"$filter", *PAGING, *["$top"] * settings.list_top_allowed})
        prefer = self.prefer(request)
        wanted = odata.read_filter(request.query.get("$filter"))
        if settings.list_window:
            check_window(wanted, self.world.now(), self.retention)
        await asyncio.sleep(settings.list_page_s)
        page = read_slice(request.query.get("$skiptoken"), prefer, settings.list_page)
        found, following = self.gather(request, page, wanted)
        if (top := odata.read_top(request.query.get("$top"))) is not None:
            found, following = found[:top], None
        select = odata.read_select(request.query.get("$select"))
        form = Form(prefer.omit_nulls, prefer.unknown_members, select)
        body: dict[str, Any] = {
            "@odata.context": f"{context(request)}#communications/callRecords",
            "value": [form.shape(record.head, plain=record.plain) for record in found],
        }
        if following is not None:
            body["@odata.nextLink"] = next_link(request.url, following, page.size)
        return self.answer(request, body)

    def gather(self, request: web.Request, page: Slice, wanted: odata.Filter) -> tuple[list[StoredRecord], int | None]:
        """One page of matching records, and the position of the next page."""
        found: list[StoredRecord] = []
        for looked_at, (position, record) in enumerate(self.records_after(request, page.start, wanted)):
            if len(found) == page.size or looked_at == MOST_LOOKED_AT:
                return found, position
            if wanted.passes(record.start, record.participant_ids):
                found.append(record)
        return found, None

    def records_after(
        self, request: web.Request, after: int, wanted: odata.Filter
    ) -> Iterator[tuple[int, StoredRecord]]:
        """The stored records, then the generated ones, each with its position."""
        tenant_id, now = caller_of(request).tenant_id, self.world.now()
        if after < GENERATED:
            yield from self.world.records_of(tenant_id).records_after(after, now, self.retention)
        if made := self.generated(tenant_id):
            for number, record in made.records_after(after - GENERATED, wanted, now, self.retention):
                yield GENERATED + number, record

    def generated(self, tenant_id: str) -> GeneratedRecords | None:
        generated = self.world.generated
        return generated if generated and generated.tenant_id == tenant_id else None

    def find(self, request: web.Request) -> StoredRecord:
        require_role(request)
        call_id, tenant_id = request.match_info["id"], caller_of(request).tenant_id
        if record := self.world.records_of(tenant_id).find(call_id, self.world.now(), self.retention):
            return record
        if (made := self.generated(tenant_id)) and (record := made.find(call_id, self.world.now(), self.retention)):
            return record
        raise not_found("" if self.world.settings.not_found_text == "empty" else RECORD_NOT_FOUND)

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
