"""A call: who, when and how, a timeline, why it was poor, and each session in detail."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from app.archive.queries import call_outline, stored_calls
from app.archive.queries.call_outline import End, Outline, Session
from app.archive.queries.filters import Filters
from app.web.auth.callers import Caller, Reader
from app.web.context import context
from app.web.pages.call import poor_reasons, session_details, timeline, timeline_groups
from app.web.pages.shared.render import page
from app.web.problems import Problem

router = APIRouter(include_in_schema=False)

NO_RATING = {None, "notRated"}
WORST_FIRST = ("bad", "poor", "fair", "good", "excellent")

CallId = Annotated[str, Path(pattern=r"^[^\x00]+$", max_length=100)]
Position = Annotated[int, Path(ge=0, le=2**31 - 1)]


@router.get("/calls/{call_id}")
async def call(request: Request, call_id: CallId, caller: Reader) -> Response:
    """The whole of it but the streams; those of one session where the address names one."""
    visible = Filters(tenants=caller.tenants)
    async with context(request).database.reading() as db:
        found = await stored_calls.head(db, call_id, visible)
        whole = await call_outline.outline(db, found[0]) if found else None
        meeting = await stored_calls.same_meeting(db, found[0], visible) if found else []
    if found is None or whole is None:
        raise _absent()
    return await page(
        request,
        "call.html",
        nav="/calls",
        call=found[1],
        outline=whole,
        why=poor_reasons.why(session.poor for session in whole.sessions),
        failures=[one for one in whole.sessions if one.failure_stage or one.failure_reason],
        feedback=_feedback(whole.sessions),
        same_meeting=meeting,
        session=await _session(request, call_id, caller),
        done=request.query_params.get("done"),
        **_timeline(request, found[1], whole),
    )


@router.get("/calls/{call_id}/sessions/{position}")
async def one_session(request: Request, call_id: CallId, position: Position, caller: Reader) -> Response:
    """The part of the page that shows one session, for a script to put in its place."""
    found = await _detail(request, call_id, position, caller)
    if found is None:
        raise _absent()
    return await page(request, "session.html", session_shown=found, call_id=call_id)


def _timeline(request: Request, head: dict[str, Any], whole: Outline) -> dict[str, Any]:
    """Whose lanes are shown, in which groups, and which part of the call."""
    asked = request.query_params
    full = timeline.span(head["start"], head["end"], whole.sessions)
    shown = timeline_groups.zoomed(asked, full) if full else None
    found = timeline.lanes(whole.participants, whole.sessions, shown)
    is_zoomed = shown != full
    present = [lane for lane in found if lane.pieces] if is_zoomed else found
    telling = [lane for lane in present if lane.is_telling]
    show, by = asked.get("show", ""), asked.get("group")
    since = round((shown.start - full.start).total_seconds()) if shown and full else 0
    return {
        "is_zoomed": is_zoomed,
        "since": since,
        "until": since + round(shown.seconds) if shown else 0,
        "shown": shown,
        "ticks": timeline.ticks(shown, since) if shown else [],
        "lane_count": len(found),
        "telling": len(telling),
        "groups": timeline_groups.grouped(telling if show == "poor" else present, by),
        "show": show if show in timeline_groups.SHOWN else "",
        "by": by if by in timeline_groups.BY else "quality" if len(present) > timeline_groups.MANY else "",
        "BY": timeline_groups.BY,
        "SHOWN": timeline_groups.SHOWN,
    }


async def _session(request: Request, call_id: str, caller: Caller) -> dict[str, Any] | None:
    wanted = request.query_params.get("session", "")
    if not (wanted.isascii() and wanted.isdecimal() and len(wanted) < 10):
        return None
    return await _detail(request, call_id, int(wanted), caller)


async def _detail(request: Request, call_id: str, position: int, caller: Caller) -> dict[str, Any] | None:
    async with context(request).database.reading() as db:
        found = await call_outline.session(db, call_id, position, Filters(tenants=caller.tenants))
    if found is None:
        return None
    return {
        "position": position,
        "session": found,
        "ends": session_details.ends(found),
        "segments": session_details.segments(found),
    }


def _feedback(sessions: list[Session]) -> list[End]:
    """Each end that said something, the worst first."""
    ends = dict.fromkeys(end for session in sessions for end in (session.caller, session.callee))
    given = [end for end in ends if end.rating not in NO_RATING or end.feedback]
    return sorted(given, key=lambda end: WORST_FIRST.index(end.rating) if end.rating in WORST_FIRST else 9)


def _absent() -> Problem:
    return Problem(404, "No such call is kept here, or it is not yours to see.")
