from datetime import UTC, datetime, timedelta

import orjson
import pytest

from app.archive.documents import codec
from app.archive.queries import stored_calls
from app.archive.queries.filters import Filters
from app.archive.queries.stored_calls import EVERYTHING
from tests.archive.records import (
    CALL,
    TENANT,
    a_call_record,
    a_media,
    a_participant,
    a_segment,
    a_session,
    an_identity,
    guid,
    kept,
    save,
)

pytestmark = pytest.mark.anyio

FIRST = datetime(2026, 2, 1, tzinfo=UTC)


def a_call_at(minutes, **changes):
    start = FIRST + timedelta(minutes=minutes)
    return a_call_record(id=guid(), startDateTime=start.isoformat(), **changes)


async def pages(database, between=None, filters=EVERYTHING, **wanted):
    """The ids of every page, with something done between two pages."""
    found, after = [], None
    while True:
        async with database.reading() as db:
            page = await stored_calls.calls(db, filters, after=after, **wanted)
        found += [item["id"] for item in page.items]
        if (after := page.next) is None:
            return found
        if between:
            await between()


async def test_a_summary_has_what_a_list_of_calls_shows(database):
    organizer = a_participant(identity={"user": an_identity(id="o", displayName="Ada")})
    await save(database, a_call_record(organizer_v2=organizer, modalities=["audio", "video"]))
    async with database.reading() as db:
        (item,) = (await stored_calls.calls(db)).items
    assert (item["id"], item["tenant_id"], item["version"], item["type"]) == (CALL, TENANT, 1, "peerToPeer")
    assert item["start"].isoformat() == "2026-02-25T18:52:21.216988+00:00"
    assert item["modalities"] == ["audio", "video"]
    assert (item["organizer"]["kind"], item["organizer"]["id"]) == ("user", "o")
    assert (item["participant_count"], item["session_count"], item["quality"], item["complete"]) == (2, 1, "good", True)


async def test_calls_come_newest_first_or_oldest_first(database):
    records = [a_call_at(minutes) for minutes in (3, 1, 2)]
    await save(database, *records)
    oldest_first = [records[number]["id"] for number in (1, 2, 0)]
    assert await pages(database, order="start") == oldest_first
    assert await pages(database) == oldest_first[::-1]


@pytest.mark.parametrize("order", ["start", "-start"])
async def test_paging_neither_skips_nor_repeats_while_calls_arrive(database, order):
    records = [a_call_at(minutes // 3) for minutes in range(20)]  # several at the same moment
    await save(database, *records)
    arrivals = []

    async def arrive():
        arrivals.append(a_call_at(len(arrivals)))
        await save(database, arrivals[-1])

    found = await pages(database, between=arrive, order=order, limit=3)
    assert len(arrivals) > 5
    assert len(found) == len(set(found))
    assert {record["id"] for record in records} <= set(found)


async def test_since_is_included_and_until_is_not(database):
    records = [a_call_at(minutes) for minutes in range(4)]
    await save(database, *records)
    minute = timedelta(minutes=1)
    found = await pages(
        database, filters=Filters(since=FIRST + minute, until=FIRST + 3 * minute), order="start", limit=1
    )
    assert found == [record["id"] for record in records[1:3]]


async def test_a_list_may_be_of_one_tenant(database):
    other = guid()
    await save(database, kept(a_call_at(1)), kept(a_call_at(2), tenant=other))
    async with database.reading() as db:
        page = await stored_calls.calls(db, Filters(tenant_id=other))
        assert [item["tenant_id"] for item in page.items] == [other]


async def test_the_last_page_has_no_next(database):
    await save(database, *[a_call_at(minutes) for minutes in range(4)])
    async with database.reading() as db:
        page = await stored_calls.calls(db, limit=2)
        assert page.next is not None
        assert (await stored_calls.calls(db, limit=2, after=page.next)).next is None


@pytest.mark.usefixtures("detail")
async def test_a_call_is_put_together_again(database):
    hops = [{"hopCount": 2, "ipAddress": "10.0.0.2"}, {"hopCount": 1, "ipAddress": "10.0.0.1"}]
    media = [a_media(label="data"), a_media(callerNetwork={"traceRouteHops": hops})]
    sessions = [a_session(), a_session(segments=[a_segment(), a_segment(media=media)])]
    organizer = a_participant(administrativeUnitInfos=[{"id": "u1"}])
    record = a_call_record(sessions=sessions, organizer_v2=organizer)
    await save(database, record)
    async with database.reading() as db:
        call = await stored_calls.call(db, CALL)
    assert (call["id"], call["organizer"]["administrative_units"]) == (CALL, [{"administrative_unit_id": "u1"}])
    assert [len(session["segments"]) for session in call["sessions"]] == [1, 2]
    data, audio = call["sessions"][1]["segments"][1]["media"]
    assert (data["label"], audio["label"]) == ("data", "main-audio")
    assert [hop["hop_count"] for hop in audio["caller_network_trace_route_hops"]] == [2, 1]
    assert audio["callee_network_trace_route_hops"] == []
    assert audio["streams"][0]["average_jitter"] == 0.016
    assert call["sessions"][0]["modalities"] == ["audio"]
    assert call["sessions"][0]["caller_feedback_tokens"] == {}
    assert [person["participant_id"] for person in call["participants"]] == [
        person["id"] for person in record["participants_v2"]
    ]


async def test_an_unknown_call_is_none(database):
    async with database.reading() as db:
        assert await stored_calls.call(db, guid()) is None
        assert await stored_calls.document(db, guid()) is None


async def test_the_document_in_force_and_earlier_ones_can_be_read(database):
    await save(database, a_call_record(version=2), a_call_record(version=1))
    async with database.reading() as db:
        in_force = await stored_calls.document(db, CALL, Filters(tenant_id=TENANT))
        first = await stored_calls.document(db, CALL, version=1)
        assert await stored_calls.document(db, CALL, version=3) is None
    assert orjson.loads(codec.unpack(in_force))["version"] == 2
    assert orjson.loads(codec.unpack(first))["version"] == 1
