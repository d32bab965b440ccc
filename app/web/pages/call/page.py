"""The call page: facts, problems, timeline, and each session in detail."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.responses import Response

from app.archive.call_logs import of_call
from app.archive.detail import reading as detail
from app.archive.diagnosis import reading
from app.archive.people import counterparts
from app.archive.queries import call_outline, stored_calls, voice_app_steps
from app.archive.queries.call_outline import End, Outline, Session
from app.archive.queries.filters import Filters
from app.archive.queries.related import reading as related_calls
from app.archive.queries.related.rules import REASONS
from app.web import unknown_parameters
from app.web.auth.callers import Reader
from app.web.context import context
from app.web.pages.call import diagnosis, log_rows, poor_reasons, session_details, timeline, timeline_groups
from app.web.pages.shared import time_zones
from app.web.pages.shared.render import page
from app.web.path_ids import CallIdInPath
from app.web.problems import Problem
from app.web.reads.limits import DIAGNOSED_SESSION

router = APIRouter(include_in_schema=False)

# Bytes that the page takes for each of them while it is made.
_PARTICIPANT = 4_000

NO_RATING = {None, "notRated"}
PARAMETERS = ("session", "show", "group", "zoom_from", "zoom_to", "find", "lanes", "done")
WORST_FIRST = ("bad", "poor", "fair", "good", "excellent")

Position = Annotated[int, Path(ge=0, le=2**31 - 1)]


@router.get("/calls/{call_id}")
async def call(request: Request, call_id: CallIdInPath, caller: Reader) -> Response:
    """The call without its streams; with those of one session where the address names one."""
    unknown_parameters.refuse(request.query_params, PARAMETERS)
    visible = Filters(**caller.limits)
    reads = context(request).reads
    async with reads.reading() as db:
        found = await stored_calls.head(db, call_id, visible)
        if found is None:
            raise _not_found()
        call_key, head = found
        document = await detail.memory(db, [call_key])
    people = head["participants_seen"] or head["participant_count"]  # unknown until an old call is derived again
    await request.state.memory.reserve(DIAGNOSED_SESSION * head["session_count"] + document + _PARTICIPANT * people)
    async with reads.snapshot() as db:
        details = await call_outline.outline(db, call_key)
        measured = head | {"sessions": await reading.sessions_of(db, call_key)}
        voice_apps = await voice_app_steps.of_call(db, call_key)
        same_meeting = await stored_calls.same_meeting(db, call_key, visible)
        related = await related_calls.related_to(db, call_key, visible, by_join_url=False)  # same_meeting has those
        others = await counterparts.of_calls(db, {one.key: one.summary["participants_seen"] for one in related})
        session = await _session(db, call_key, _position(request))
        in_logs = await of_call.read(db, call_key)
    origin = context(request).graph.origins.of(request.scope)
    return await page(
        request,
        "call.html",
        nav="/calls",
        call=head,
        outline=details,
        voice_apps=voice_apps,
        diagnosis=await asyncio.to_thread(diagnosis.shown, measured, origin, time_zones.of(request)),
        causes=poor_reasons.causes(session.poor for session in details.sessions),
        failures=[one for one in details.sessions if one.failure_stage or one.failure_reason],
        feedback=_feedback(details.sessions),
        same_meeting=same_meeting,
        related=[one for one in related if one.relation.basis != "restarted_meeting"],
        others=others,
        log_rows=log_rows.shown(in_logs),
        REASONS=REASONS,
        session_shown=session,
        done=request.query_params.get("done"),
        **_timeline(request, head, details),
    )


@router.get("/calls/{call_id}/sessions/{position}")
async def one_session(request: Request, call_id: CallIdInPath, position: Position, caller: Reader) -> Response:
    """The part of the page that shows one session, for a script to insert."""
    unknown_parameters.refuse(request.query_params, ())
    async with context(request).reads.snapshot() as db:
        call_key = await stored_calls.key_of(db, call_id, Filters(**caller.limits))
        document = 0 if call_key is None else await detail.memory(db, [call_key])
    await request.state.memory.reserve(document)
    async with context(request).reads.snapshot() as db:
        found = None if call_key is None else await _session(db, call_key, position)
    if found is None:
        raise _not_found()
    return await page(request, "session.html", session_shown=found, call_id=call_id)


def _timeline(request: Request, head: dict[str, Any], details: Outline) -> dict[str, Any]:
    """Which lanes are shown, in which groups, and which part of the call."""
    parameters = request.query_params
    full = timeline.period(head["start"], head["end"], details.sessions)
    shown = timeline_groups.zoomed(parameters, full) if full else None
    found = timeline.lanes(details.participants, details.sessions, shown)
    is_zoomed = shown != full
    present = [lane for lane in found if lane.bars] if is_zoomed else found
    show, by, text = parameters.get("show", ""), parameters.get("group"), parameters.get("find", "").strip()[:200]
    counts = {name: len(timeline_groups.filtered(present, name, text)) for name in timeline_groups.SHOWN}
    since = round((shown.start - full.start).total_seconds()) if shown and full else 0
    return {
        "is_zoomed": is_zoomed,
        "since": since,
        "until": since + round(shown.seconds) if shown else 0,
        "shown": shown,
        "ticks": timeline.ticks(shown, since) if shown else [],
        "lane_count": len(found),
        "affected": sum(lane.quality == "poor" for lane in found),
        "counts": counts,
        "find": text,
        "at_once": _lanes(request),
        "groups": timeline_groups.grouped(timeline_groups.filtered(present, show, text), by),
        "show": show if show in timeline_groups.SHOWN else "",
        "by": by if by in timeline_groups.GROUPINGS else "quality" if len(present) > timeline_groups.MANY else "",
        "GROUPINGS": timeline_groups.GROUPINGS,
        "SHOWN": timeline_groups.SHOWN,
    }


def _lanes(request: Request) -> int:
    """How many lanes of each group are shown."""
    text = request.query_params.get("lanes", "")
    is_number = text.isascii() and text.isdecimal() and len(text) < 6
    return max(int(text) if is_number else 0, timeline_groups.AT_ONCE)


def _position(request: Request) -> int | None:
    """The session that the address names; None where it names none."""
    text = request.query_params.get("session", "")
    is_position = text.isascii() and text.isdecimal() and len(text) < 10
    return int(text) if is_position else None


async def _session(db: AsyncConnection, call_key: int, position: int | None) -> dict[str, Any] | None:
    found = None if position is None else await call_outline.session(db, call_key, position)
    if found is None:
        return None
    return {
        "position": position,
        "session": found,
        "ends": session_details.ends(found),
        "segments": session_details.segments(found),
    }


def _feedback(sessions: list[Session]) -> list[End]:
    """Endpoints with a rating or a comment, the worst rating first."""
    ends = dict.fromkeys(end for session in sessions for end in (session.caller, session.callee))
    given = [end for end in ends if end.rating not in NO_RATING or end.feedback]
    return sorted(given, key=lambda end: WORST_FIRST.index(end.rating) if end.rating in WORST_FIRST else 9)


def _not_found() -> Problem:
    return Problem(404, "This call is not in the archive, or you do not have access to it.")
