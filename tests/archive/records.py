"""Small call records of every shape Graph is known to send, and short ways to keep and look at them."""

from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import orjson
import pytest
from sqlalchemy import select

from app import ids
from app.archive.parse.record import RecordBuilder
from app.archive.store import record_store

SHARED = Path(__file__).parents[2].parent / "shared"
needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="Graph's schema and samples are not on this machine")

TENANT = "00000000-0000-4000-8000-00000000aaaa"
CALL = "00000000-0000-4000-8000-000000000001"
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)

_numbers = count(1)


def guid(number=None):
    return f"00000000-0000-4000-8000-{next(_numbers) if number is None else number:012x}"


def an_identity(**changes):
    return {"id": guid(), "displayName": "Ada", "tenantId": TENANT, "userPrincipalName": "ada@contoso.com"} | changes


def a_participant(**changes):
    return {"id": guid(), "identity": {"endpointType": "default", "user": an_identity()}} | changes


def an_endpoint(**changes):
    return {
        "@odata.type": "#microsoft.graph.callRecords.participantEndpoint",
        "name": "PC-1",
        "cpuName": "12th Gen",
        "cpuCoresCount": 14,
        "cpuProcessorSpeedInMhz": 1800,
        "associatedIdentity": an_identity(),
        "feedback": {"rating": "notRated", "text": None, "tokens": {}},
        "userAgent": {
            "@odata.type": "#microsoft.graph.callRecords.clientUserAgent",
            "headerValue": "Teams/1.0",
            "platform": "windows",
            "productFamily": "teams",
        },
    } | changes


def a_service_endpoint(**changes):
    return {
        "@odata.type": "#microsoft.graph.callRecords.serviceEndpoint",
        "userAgent": {"@odata.type": "#microsoft.graph.callRecords.serviceUserAgent", "role": "mediaController"},
    } | changes


def a_stream(**changes):
    return {
        "streamId": "1504545584",
        "streamDirection": "callerToCallee",
        "startDateTime": "2026-02-25T18:52:21.2169889Z",
        "endDateTime": "2026-02-25T18:52:46.7640013Z",
        "audioCodec": "satin",
        "packetUtilization": 1200,
        "averageRoundTripTime": "PT0.05S",
        "averageJitter": "PT0.016S",
        "averagePacketLossRate": 0.01,
        "wasMediaBypassed": False,
    } | changes


def a_media(**changes):
    return {
        "label": "main-audio",
        "callerNetwork": {"ipAddress": "10.150.0.2", "linkSpeed": 4294967295, "traceRouteHops": []},
        "callerDevice": {"captureDeviceName": "Microphone", "micGlitchRate": 0.5},
        "streams": [a_stream()],
    } | changes


def a_segment(**changes):
    return {
        "id": guid(),
        "startDateTime": "2026-02-25T18:52:21.2169889Z",
        "endDateTime": "2026-02-25T18:52:46.7640013Z",
        "caller": an_endpoint(),
        "callee": a_service_endpoint(),
        "failureInfo": None,
        "media": [a_media()],
    } | changes


def a_session(**changes):
    return {
        "id": guid(),
        "isTest": False,
        "modalities": ["audio"],
        "startDateTime": "2026-02-25T18:52:21.2169889Z",
        "endDateTime": "2026-02-25T18:52:46.7640013Z",
        "caller": an_endpoint(),
        "callee": a_service_endpoint(),
        "failureInfo": None,
        "segments": [a_segment()],
    } | changes


def a_call_record(**changes):
    return {
        "id": CALL,
        "version": 1,
        "type": "peerToPeer",
        "modalities": ["audio"],
        "lastModifiedDateTime": "2026-02-25T19:00:24.582757Z",
        "startDateTime": "2026-02-25T18:52:21.2169889Z",
        "endDateTime": "2026-02-25T18:52:46.7640013Z",
        "joinWebUrl": None,
        "organizer_v2": a_participant(),
        "participants_v2": [a_participant(), a_participant()],
        "sessions": [a_session()],
    } | changes


def a_call_between(caller, callee, media, **changes):
    """A call of two people with one session, whose only segment has this media."""
    ends = {"caller": an_endpoint(associatedIdentity=caller), "callee": an_endpoint(associatedIdentity=callee)}
    both = [a_participant(id=one["id"], identity={"user": one}) for one in (caller, callee)]
    sessions = [a_session(**ends, segments=[a_segment(**ends, media=[media])])]
    return a_call_record(id=guid(), organizer_v2=both[0], participants_v2=both, sessions=sessions) | changes


def kept(record, *, tenant=TENANT, now=NOW, incomplete=None):
    """The record as a fetch would hand it over, read from one response."""
    raw = orjson.dumps(record)
    builder = RecordBuilder(tenant, ids.call_id(record.get("id", CALL)))
    builder.begin(orjson.loads(raw), raw)
    if incomplete:
        builder.mark_incomplete(incomplete)
    return builder.finish(now)


def from_pages(record, *pages):
    """The record as a fetch would hand it over, read from several responses: pages of (kind, items)."""
    builder = RecordBuilder(TENANT, record["id"])
    builder.begin(record)
    for kind, items in pages:
        getattr(builder, f"add_{kind}")(items)
    return builder.finish(NOW)


async def save(database, *records):
    async with database.begin() as db:
        return await record_store.save(db, [kept(record) if isinstance(record, dict) else record for record in records])


async def rows_of(database, table):
    """Every row of the table, by its key."""
    async with database.reading() as db:
        return [dict(row) for row in (await db.execute(select(table).order_by(*table.primary_key))).mappings()]


async def only_row_of(database, table):
    (row,) = await rows_of(database, table)
    return row
