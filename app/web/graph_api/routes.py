"""`/v1.0/communications/callRecords`: the archive in Microsoft Graph's own shape, for programs written for Graph.

Records come newest start first, which is a choice: Graph promises no order.
https://learn.microsoft.com/graph/api/resources/callrecords-callrecord
"""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from fastapi import APIRouter, Request
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.responses import PlainTextResponse, Response

from app import ids
from app.archive.documents import members
from app.archive.erasure import digests
from app.archive.queries import graph_records
from app.archive.queries.paging.graph_record_pages import Sought
from app.ids import CallId
from app.web.auth.callers import Reader
from app.web.graph_api import bodies
from app.web.graph_api.bodies import LARGEST_PAGE, Part
from app.web.graph_api.odata.entity_types import CALL_RECORD, ORGANIZER, PARTICIPANT, SEGMENT, SESSION
from app.web.graph_api.openapi import counted, described
from app.web.graph_api.request import ENTITY, PAGES, Asked, absent
from app.web.problems import Problem

router = APIRouter(prefix="/v1.0/communications", tags=["as Microsoft Graph"])

_LIST = PAGES | {"$filter"}
_HEADS = 10  # documents, of which each has at most 256 KiB in memory
_EXPANDING = PAGES | {"$expand"}


@router.get("/callRecords", summary="Call records, newest start first", **described(_LIST))
async def list_records(request: Request, caller: Reader) -> Response:
    """Without sessions and participants, which Graph gives only with one record."""
    asked = await Asked.read(request, caller, CALL_RECORD, _LIST)
    after = asked.list_position()
    size = min(asked.size or LARGEST_PAGE["callRecords"], LARGEST_PAGE["callRecords"])
    more: dict[str, Any] = {}
    async with asked.reading() as db:
        sought = await _without_erased(db, asked.sought)
        page = await graph_records.page(db, sought, after, size)
        heads: dict[int, dict[str, Any] | None] = dict.fromkeys(page.keys)
        for at in range(0, len(page.keys), _HEADS):
            heads |= await asyncio.to_thread(_heads, await graph_records.heads(db, page.keys[at : at + _HEADS]))
        large = await graph_records.sizes(db, [key for key, head in heads.items() if head is None])
        if asked.query.count:
            more["@odata.count"] = await graph_records.count(db, sought)
    heads |= {key: await asked.large_head(key, version, size) for key, (version, size) in large.items()}
    answer = asked.answer
    if page.end:
        token = asked.list_token(page.end)
        more["@odata.nextLink"] = answer.link("", asked.list_options(), token, asked.list_bound())
    shown = [head for head in heads.values() if head is not None]
    body = await asyncio.to_thread(bodies.records, answer, shown, asked.query.wanted, more)
    return asked.reply(body, size, len(shown))


@router.get("/callRecords/$count", summary="How many call records", **counted(frozenset({"$filter"})))
async def count_records(request: Request, caller: Reader) -> Response:
    asked = await Asked.read(request, caller, CALL_RECORD, frozenset({"$filter"}))
    async with asked.reading() as db:
        return PlainTextResponse(str(await graph_records.count(db, await _without_erased(db, asked.sought))))


async def _without_erased(db: AsyncConnection, sought: Sought) -> Sought:
    """No calls where a participant is a person who was erased: until the erasure is finished, some have the id."""
    for participant in sought.participants:
        if await digests.is_erased(db, participant):
            return replace(sought, tenants=())
    return sought


def _record(path: str, summary: str, allowed: frozenset[str]) -> Callable[[Any], Any]:
    """A route below one record; its keys come in one form, see ``middleware``."""
    describe = counted if path.endswith("/$count") else described
    return router.get("/callRecords/{call_id}" + path, summary=summary, **describe(allowed))


@_record("", "One call record", ENTITY)
async def get_record(request: Request, call_id: str, caller: Reader) -> Response:
    """With the first page of what is expanded, and the link to the next."""
    asked = await Asked.read(request, caller, CALL_RECORD, ENTITY)
    found, _ = await asked.found(_id(call_id))
    wanted, size = asked.query.wanted, asked.size
    body = await asyncio.to_thread(lambda: bodies.record(asked.answer, found, _id(call_id), wanted, size))
    return asked.reply(body, size if wanted.expand else None)


@_record("/sessions", "The sessions of a call, page by page", _EXPANDING)
async def list_sessions(request: Request, call_id: str, caller: Reader) -> Response:
    return await _list(await Asked.read(request, caller, SESSION, _EXPANDING), call_id, "sessions")


@_record("/sessions/$count", "How many sessions", frozenset())
async def count_sessions(request: Request, call_id: str, caller: Reader) -> Response:
    return await _count(await Asked.read(request, caller, SESSION, frozenset()), call_id, "sessions")


@_record("/sessions/{session_id}", "One session", ENTITY)
async def get_session(request: Request, call_id: str, session_id: str, caller: Reader) -> Response:
    """The first with this id: Graph uses one more than once."""
    return await _single(await Asked.read(request, caller, SESSION, ENTITY), call_id, "sessions", session_id)


@_record("/sessions/{session_id}/segments", "The segments of a session", PAGES)
async def list_segments(request: Request, call_id: str, session_id: str, caller: Reader) -> Response:
    return await _list(await Asked.read(request, caller, SEGMENT, PAGES), call_id, "sessions", session_id, "segments")


@_record("/sessions/{session_id}/segments/$count", "How many segments", frozenset())
async def count_segments(request: Request, call_id: str, session_id: str, caller: Reader) -> Response:
    asked = await Asked.read(request, caller, SEGMENT, frozenset())
    return await _count(asked, call_id, "sessions", session_id, "segments")


@_record("/sessions/{session_id}/segments/{segment_id}", "One segment", frozenset({"$select"}))
async def get_segment(request: Request, call_id: str, session_id: str, segment_id: str, caller: Reader) -> Response:
    asked = await Asked.read(request, caller, SEGMENT, frozenset({"$select"}))
    return await _single(asked, call_id, "sessions", session_id, "segments", segment_id)


@_record("/participants_v2", "The participants of a call, page by page", PAGES)
async def list_participants(request: Request, call_id: str, caller: Reader) -> Response:
    return await _list(await Asked.read(request, caller, PARTICIPANT, PAGES), call_id, "participants_v2")


@_record("/participants_v2/$count", "How many participants", frozenset())
async def count_participants(request: Request, call_id: str, caller: Reader) -> Response:
    return await _count(await Asked.read(request, caller, PARTICIPANT, frozenset()), call_id, "participants_v2")


@_record("/participants_v2/{participant_id}", "One participant", frozenset({"$select"}))
async def get_participant(request: Request, call_id: str, participant_id: str, caller: Reader) -> Response:
    asked = await Asked.read(request, caller, PARTICIPANT, frozenset({"$select"}))
    return await _single(asked, call_id, "participants_v2", participant_id)


@_record("/organizer_v2", "Who organised the call", frozenset({"$select"}))
async def get_organizer(request: Request, call_id: str, caller: Reader) -> Response:
    return await _single(await Asked.read(request, caller, ORGANIZER, frozenset({"$select"})), call_id, "organizer_v2")


async def _list(asked: Asked, call_id: str, *path: str) -> Response:
    found, page = await asked.found(_id(call_id), "/".join(path))
    part = Part(_id(call_id), path, asked.query.wanted)
    body = await asyncio.to_thread(lambda: bodies.below(asked.answer, found, part, page, count=asked.query.count))
    return asked.reply(_present(body), page.of(path[-1]))


async def _single(asked: Asked, call_id: str, *path: str) -> Response:
    found, _ = await asked.found(_id(call_id))
    part = Part(_id(call_id), path, asked.query.wanted)
    return asked.reply(_present(await asyncio.to_thread(lambda: bodies.single(asked.answer, found, part))))


async def _count(asked: Asked, call_id: str, *path: str) -> Response:
    found, _ = await asked.found(_id(call_id))
    counted = await asyncio.to_thread(lambda: bodies.count(found, path))
    if counted is None:
        raise absent()
    return PlainTextResponse(str(counted))


def _heads(packed: dict[int, bytes]) -> dict[int, dict[str, Any] | None]:
    """What each record is without its lists, by key; None where that does not end in the bytes at hand."""
    return {key: _head(document) for key, document in packed.items()}


def _head(packed: bytes) -> dict[str, Any] | None:
    try:
        return members.head(packed)
    except members.NeedMoreError:
        return None


def _present(body: bytes | None) -> bytes:
    if body is None:
        raise absent()
    return body


def _id(call_id: str) -> CallId:
    """The id in its normal form; brackets are those of a function, such as getPstnCalls()."""
    function, bracket, _ = call_id.partition("(")
    if bracket:
        raise Problem(400, f"The function '{function[:60]}' is not supported.")
    return ids.call_id(call_id)
