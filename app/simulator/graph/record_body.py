"""The response bodies of one call record: the entity with expanded relations, and its collections."""

from typing import Any

import orjson
from aiohttp import web

from app.simulator.errors import bad_request, not_found
from app.simulator.graph.odata import Prefer, read_select
from app.simulator.graph.paging import Slice, next_link, read_slice
from app.simulator.graph.record_store import StoredRecord
from app.simulator.graph.response_form import Form
from app.simulator.settings import Settings

MOST_SEGMENTS = 10_000  # in one session: more than Graph was observed to return


class RecordBody:
    def __init__(self, request: web.Request, record: StoredRecord, settings: Settings, prefer: Prefer) -> None:
        self.request, self.record, self.settings, self.prefer = request, record, settings, prefer
        self.people = record.participants or ()
        self.select = read_select(request.query.get("$select"))
        self.version = request.match_info["version"]
        self.url = request.url.origin().with_path(f"/{self.version}/communications/callRecords/{record.id}")
        self.context = f"{request.url.origin()}/{self.version}/$metadata#communications/callRecords"

    def entity(self, expands: dict[str, bool]) -> dict[str, Any]:
        properties = self.form(self.select).read(self.record.head, plain=self.record.plain)
        body = {"@odata.context": f"{self.context}{expansion(expands)}/$entity", **properties}
        if "organizer_v2" in properties:
            body["organizer_v2@odata.context"] = f"{self.context}('{self.record.id}')/organizer_v2/$entity"
        if "sessions" in expands and self.record.sessions is not None:
            body |= self.expanded_sessions(segments=expands["sessions"])
        if "participants_v2" in expands:
            body |= self.expanded_participants()
        return body

    def expanded_sessions(self, *, segments: bool) -> dict[str, Any]:
        page = read_slice(None, self.prefer, self.settings.session_page)
        part: dict[str, Any] = {
            "sessions@odata.context": f"{self.context}('{self.record.id}')/sessions",
            "sessions": self.shaped_sessions(page, segments=segments, select=None),
        }
        if (position := page.follows(self.record.sessions or ())) is not None:
            url = (self.url / "sessions").with_query({"$expand": "segments"} if segments else {})
            part["sessions@odata.nextLink"] = next_link(url, position, page.size)
        return part

    def expanded_participants(self) -> dict[str, Any]:
        page = read_slice(None, self.prefer, self.settings.participant_page)
        form = self.form()
        part: dict[str, Any] = {
            "participants_v2@odata.context": f"{self.context}('{self.record.id}')/participants_v2",
            "participants_v2": [form.shape(each, plain=self.record.plain) for each in page.of(self.people)],
        }
        if (position := page.follows(self.people)) is not None:
            part["participants_v2@odata.nextLink"] = next_link(self.url / "participants_v2", position, page.size)
        return part

    def sessions(self, *, segments: bool) -> dict[str, Any]:
        page = self.slice(self.settings.session_page)
        shown = self.shaped_sessions(page, segments=segments, select=self.select)
        inner = "(segments())" if segments else ""
        following = page.follows(self.record.sessions or ())
        return self.collection(f"('{self.record.id}')/sessions{inner}", shown, following, page)

    def participants(self) -> dict[str, Any]:
        page = self.slice(self.settings.participant_page)
        form = self.form(self.select)
        shown = [form.shape(each, plain=self.record.plain) for each in page.of(self.people)]
        following = page.follows(self.people)
        return self.collection(f"('{self.record.id}')/participants_v2", shown, following, page)

    def organizer(self) -> dict[str, Any]:
        organizer = orjson.loads(self.record.head).get("organizer_v2")
        if organizer is None:
            raise not_found()
        return {"@odata.context": f"{self.context}('{self.record.id}')/organizer_v2/$entity", **organizer}

    def segments(self, session_id: str) -> dict[str, Any]:
        """The skiptoken contains session and segment in one number, because session ids are not unique."""
        page = self.slice(self.settings.segment_page or MOST_SEGMENTS)
        number, first = divmod(page.start, MOST_SEGMENTS)
        if not self.record.sessions or number >= len(self.record.sessions):
            raise bad_request("The skiptoken does not belong to this record.")
        session = self.form().read(self.record.sessions[number], plain=self.record.plain)
        rest = Slice(first, page.size)
        position = rest.follows(session["segments"])
        following = None if position is None else number * MOST_SEGMENTS + position
        name = f"('{self.record.id}')/sessions('{session_id}')/segments"
        return self.collection(name, list(rest.of(session["segments"])), following, page)

    def shaped_sessions(self, page: Slice, *, segments: bool, select: frozenset[str] | None) -> list[Any]:
        select = select | {"segments"} if select and segments else select
        drop = frozenset() if segments else frozenset({"segments"})
        form = self.form(select, drop)
        sessions = self.record.sessions or ()
        if not (segments and self.settings.segment_page):
            return [form.shape(each, plain=self.record.plain) for each in page.of(sessions)]
        numbers = range(len(sessions))[page.start : page.start + page.size]
        read = (form.read(sessions[number], plain=self.record.plain) for number in numbers)
        return [self.with_first_segments(session, number) for session, number in zip(read, numbers, strict=True)]

    def with_first_segments(self, session: dict[str, Any], number: int) -> dict[str, Any]:
        size = self.settings.segment_page
        if len(session["segments"]) <= size:
            return session
        url = self.url / "sessions" / session["id"] / "segments"
        link = next_link(url, number * MOST_SEGMENTS + size, size)
        return {**session, "segments": session["segments"][:size], "segments@odata.nextLink": link}

    def form(self, select: frozenset[str] | None = None, drop: frozenset[str] = frozenset()) -> Form:
        return Form(self.prefer.omit_nulls, self.prefer.unknown_members, select, drop)

    def slice(self, largest: int) -> Slice:
        return read_slice(self.request.query.get("$skiptoken"), self.prefer, largest)

    def collection(self, name: str, shown: list[Any], following: int | None, page: Slice) -> dict[str, Any]:
        body = {"@odata.context": self.context + name, "value": shown}
        if following is not None:
            body["@odata.nextLink"] = next_link(self.request.url, following, page.size)
        return body


def expansion(expands: dict[str, bool]) -> str:
    """As in `(sessions(segments()))` of a context URL."""
    names = {"sessions": "sessions(segments())" if expands.get("sessions") else "sessions()"}
    return f"({','.join(names.get(each, f'{each}()') for each in expands)})" if expands else ""
