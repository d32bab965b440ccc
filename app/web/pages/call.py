"""A call: who, when and how, a timeline, why it was poor, and each session in detail."""

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from app.archive import outline, query
from app.archive.filters import Filters
from app.archive.outline import Outline
from app.web.context import context
from app.web.keys import Caller, Reader
from app.web.pages import lanes, reasons, session_view
from app.web.pages.lanes import Lane, Span
from app.web.pages.render import page
from app.web.problems import Problem

router = APIRouter(include_in_schema=False)

NO_RATING = {None, "notRated"}
OPEN = 40  # lanes that are shown without being asked for

CallId = Annotated[str, Path(pattern=r"^[^\x00]+$", max_length=100)]
Position = Annotated[int, Path(ge=0, le=2**31 - 1)]


@router.get("/calls/{call_id}")
async def call(request: Request, call_id: CallId, caller: Reader) -> Response:
    """The whole of it but the streams; those of one session where the address names one."""
    async with context(request).database.reading() as db:
        found = await query.head(db, call_id, Filters(tenants=caller.tenants))
        whole = await outline.outline(db, found[0]) if found else None
    if found is None or whole is None:
        raise _absent()
    head = found[1]
    full = lanes.span(head["start"], head["end"], whole.sessions)
    shown = _zoomed(request, full) if full else None
    open_lanes, folded = _folded(lanes.lanes(whole.participants, whole.sessions, shown) if shown else [])
    return await page(
        request,
        "call.html",
        nav="/calls",
        call=head,
        outline=whole,
        full=full,
        shown=shown,
        ticks=lanes.ticks(shown) if shown else [],
        lanes=open_lanes,
        folded=folded,
        why=reasons.why(session.poor for session in whole.sessions),
        failures=_failures(whole),
        feedback=_feedback(whole),
        session=await _session(request, call_id, caller),
        done=request.query_params.get("done"),
    )


@router.get("/calls/{call_id}/sessions/{position}")
async def one_session(request: Request, call_id: CallId, position: Position, caller: Reader) -> Response:
    """The part of the page that shows one session, for a script to put in its place."""
    found = await _detail(request, call_id, position, caller)
    if found is None:
        raise _absent()
    return await page(request, "session.html", session_shown=found, call_id=call_id)


async def _session(request: Request, call_id: str, caller: Caller) -> dict[str, Any] | None:
    wanted = request.query_params.get("session", "")
    if not (wanted.isascii() and wanted.isdecimal() and len(wanted) < 10):  # noqa: PLR2004 -- a 32 bit number
        return None
    return await _detail(request, call_id, int(wanted), caller)


async def _detail(request: Request, call_id: str, position: int, caller: Caller) -> dict[str, Any] | None:
    async with context(request).database.reading() as db:
        found = await outline.session(db, call_id, position, Filters(tenants=caller.tenants))
    if found is None:
        return None
    return {
        "position": position,
        "session": found,
        "ends": session_view.ends(found),
        "segments": session_view.segments(found),
    }


def _zoomed(request: Request, full: Span) -> Span:
    """The part of the call between two offsets in seconds; all of it where they make no sense."""
    try:
        first, last = (float(request.query_params.get(name, "")) for name in ("zoom_from", "zoom_to"))
        zoomed = Span(full.start + timedelta(seconds=first), full.start + timedelta(seconds=last))
    except (ValueError, OverflowError):
        return full
    return zoomed if full.start <= zoomed.start < zoomed.end else full


def _folded(found: list[Lane]) -> tuple[list[Lane], list[Lane]]:
    """Those to show, and those to fold away where there are many: the ones with nothing to tell."""
    if len(found) <= OPEN:
        return found, []
    telling = sum(1 for lane in found if lane.poor or lane.failed)
    cut = max(telling, OPEN // 2) if telling <= 2 * OPEN else 2 * OPEN
    return found[:cut], found[cut:]


def _failures(whole: Outline) -> list[outline.Session]:
    return [session for session in whole.sessions if session.failure_stage or session.failure_reason]


def _feedback(whole: Outline) -> list[outline.End]:
    ends = [end for session in whole.sessions for end in (session.caller, session.callee)]
    return [end for end in dict.fromkeys(ends) if end.rating not in NO_RATING or end.feedback]


def _absent() -> Problem:
    return Problem(404, "No such call is kept here, or it is not yours to see.")
