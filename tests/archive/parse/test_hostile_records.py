"""Whatever stands where in a record: it is kept, and never in the way of others."""

import copy

import anyio
import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.archive.documents import codec
from app.archive.parse.record import RecordBuilder
from app.archive.schema import tables
from app.archive.store import record_store
from tests.archive.records import (
    CALL,
    NOW,
    TENANT,
    a_call_record,
    a_media,
    a_participant,
    a_segment,
    a_session,
    an_identity,
    guid,
    kept,
    rows_of,
)
from tests.some import some

pytestmark = pytest.mark.anyio

HOP = {"hopCount": 1, "ipAddress": "10.0.0.1", "roundTripTime": "PT1S"}
UNITS = [{"id": "u"}]
RECORD = a_call_record(
    organizer={"user": an_identity()},
    participants=[{"phone": an_identity()}],
    participants_v2=[a_participant(administrativeUnitInfos=UNITS)],
    sessions=[
        a_session(segments=[a_segment(media=[a_media(callerNetwork={"traceRouteHops": [HOP]})])]),
        a_session(failureInfo={"stage": "midcall", "reason": "?"}),
    ],
)

anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([2**31, 2**63 - 1, -(2**63), 2**63, 2**64, 10**30, 1e308, -0.0])
    | st.floats()
    | st.text(st.characters(), max_size=8)
    | st.sampled_from(["\x00", "a\x00b", "\ud800", "\udfff\x00", "PT5S", "-P1DT2H", "NaN", "INF", ""])
    | st.sampled_from(["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59.9999999-12:00", "2026-01-01T00:00:00Z"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


def places(value, path=()):
    """The path of every value in the record."""
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    yield path
    for name, child in children:
        yield from places(child, (*path, name))


def with_changes(changes):
    record = copy.deepcopy(RECORD)
    for path, value in changes:
        replace(record, path, value)
    return record


def replace(record, path, value):
    here = record
    for name in path[:-1]:
        try:
            here = here[name]
        except (KeyError, IndexError, TypeError):
            return  # an earlier change took this place away
    if isinstance(here, dict) or (isinstance(here, list) and isinstance(path[-1], int) and path[-1] < len(here)):
        here[path[-1]] = value


hostile = st.lists(
    st.tuples(st.sampled_from([path for path in places(RECORD) if path]), anything), min_size=1, max_size=6
).map(with_changes)


def read(record):
    builder = RecordBuilder(TENANT, CALL)
    builder.begin(record)
    return builder.finish(NOW)


@pytest.mark.slow
@settings(max_examples=250, deadline=None)
@given(hostile)
def test_no_record_can_make_reading_fail(record):
    done = read(record)
    widths = {table.name: len(table.columns) - 1 for table in tables.CHILDREN}
    assert all(len(row) == widths[name] for name, rows in some(done.children.items()) for row in rows)
    assert codec.unpack(done.document).startswith(b"{")


@settings(max_examples=100, deadline=None)
@given(anything, anything, anything)
def test_no_page_can_make_reading_fail(record, page, reason):
    builder = RecordBuilder(TENANT, CALL)
    builder.begin(record)
    builder.add_sessions(page)
    builder.restart_participants(page)
    builder.mark_incomplete(reason)
    assert not builder.finish(NOW).complete


@pytest.mark.slow
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(records=st.lists(hostile, min_size=1, max_size=4))
async def test_every_record_that_can_be_read_can_be_saved(database, records):
    async with database.begin() as db:
        calls = [read(record) for record in records]
        for number, call in enumerate(calls):
            call.call_id = call.row["call_id"] = guid(number)
        await record_store.save(db, calls)


async def test_a_hostile_record_does_not_block_its_batch(database):
    bad = read({"id": CALL, "version": "x", "sessions": [{"id": "\x00", "caller": [], "segments": {"0": 1}}]})
    good = kept(a_call_record(id=guid(7)))
    async with database.begin() as db:
        assert await record_store.save(db, [bad, good]) == {(TENANT, CALL), (TENANT, guid(7))}
    assert next(row["session_id"] for row in await rows_of(database, tables.sessions)) == "\ufffd"


def test_what_is_nested_beyond_reason_does_not_raise():
    raw = (
        b'{"id":'
        + b"[" * 900
        + b"]" * 900
        + b',"sessions":[{"caller":{"feedback":{"tokens":{"a":'
        + (b"[" * 900 + b"]" * 900 + b"}}}}]}")
    )
    done = read(orjson.loads(raw))
    assert done.row["session_count"] == 1
    builder = RecordBuilder(TENANT, CALL)
    builder.begin(orjson.loads(raw), raw)
    assert codec.unpack(builder.finish(NOW).document) == raw


async def test_two_savers_of_the_same_calls_do_not_wait_for_each_other_forever(database):
    batches = [[kept(a_call_record(id=guid(number), version=version)) for number in range(8)] for version in (1, 2)]
    batches[1].reverse()

    async def save(batch):
        async with database.begin() as db:
            await record_store.save(db, batch)

    async with anyio.create_task_group() as group:
        for batch in batches * 3:
            group.start_soon(save, batch)
    assert {row["version"] for row in await rows_of(database, tables.call_records)} == {2}
    assert len(await rows_of(database, tables.streams)) == 8
