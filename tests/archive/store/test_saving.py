from datetime import timedelta

import orjson
import pytest

from app.archive.documents import codec
from app.archive.queries import stored_calls
from app.archive.queries.filters import Filters
from app.archive.schema import tables
from app.archive.store import record_store
from tests.archive.records import (
    CALL,
    NOW,
    TENANT,
    a_call_record,
    a_participant,
    a_segment,
    a_session,
    guid,
    kept,
    only_row_of,
    rows_of,
    save,
)
from tests.some import some

pytestmark = pytest.mark.anyio

TABLES = (tables.call_records, tables.documents, *tables.CHILDREN)


async def everything(database, *, but=("revision", "derived_revision")):
    return {
        table.name: [{name: value for name, value in row.items() if name not in but} for row in rows]
        for table in TABLES
        if (rows := await rows_of(database, table)) is not None
    }


async def test_a_saved_record_has_its_rows_and_its_document(database):
    record = a_call_record()
    assert await save(database, record) == {(TENANT, CALL)}
    row = await only_row_of(database, tables.call_records)
    assert (row["version"], row["revision"], row["complete"], row["stored_at"]) == (1, 1, True, NOW)
    for table in (tables.sessions, tables.segments, tables.media, tables.streams):
        assert (await only_row_of(database, table))["call_key"] == row["key"]
    stored = await only_row_of(database, tables.documents)
    assert orjson.loads(codec.unpack(stored["document"])) == record
    assert stored["raw_bytes"] == len(orjson.dumps(record))


async def test_moments_booleans_and_large_integers_come_back_as_they_were(database):
    await save(database, a_call_record())
    stream = await only_row_of(database, tables.streams)
    assert stream["start_date_time"].isoformat() == "2026-02-25T18:52:21.216988+00:00"
    assert stream["was_media_bypassed"] is False
    assert (await only_row_of(database, tables.media))["caller_network_link_speed"] == 4294967295


async def test_saving_twice_changes_nothing_but_the_revision(database):
    record = kept(a_call_record())
    await save(database, record)
    before = await everything(database)
    assert await save(database, record) == {(TENANT, CALL)}
    assert await everything(database) == before
    assert (await only_row_of(database, tables.call_records))["revision"] == 2


async def test_a_newer_version_replaces_the_rows_and_keeps_both_documents(database):
    await save(database, a_call_record(sessions=[a_session(), a_session()]))
    await save(database, kept(a_call_record(version=2), now=NOW + timedelta(hours=1)))
    row = await only_row_of(database, tables.call_records)
    assert (row["version"], row["session_count"], row["revision"]) == (2, 1, 2)
    assert (row["first_stored_at"], row["stored_at"]) == (NOW, NOW + timedelta(hours=1))
    for table in (tables.sessions, tables.segments, tables.media, tables.streams):
        assert len(await rows_of(database, table)) == 1
    assert [row["version"] for row in await rows_of(database, tables.documents)] == [1, 2]


async def test_an_older_version_after_a_newer_is_kept_only_as_a_document(database):
    await save(database, a_call_record(version=2))
    before = await everything(database, but=())
    assert await save(database, a_call_record(version=1, type="groupCall")) == set()
    after = await everything(database, but=())
    assert [row["version"] for row in after.pop("documents")] == [1, 2]
    before.pop("documents")
    assert after == before


async def test_the_same_version_read_less_completely_is_refused(database):
    whole = a_call_record(sessions=[a_session(), a_session()])
    await save(database, whole)
    before = await everything(database, but=())
    assert await save(database, kept(whole, incomplete="a link leads nowhere")) == set()
    assert await save(database, a_call_record(sessions=whole["sessions"][:1])) == set()
    assert await everything(database, but=()) == before


async def test_the_same_version_read_more_completely_replaces(database):
    whole = a_call_record()
    await save(database, a_call_record(sessions=[]))
    assert await save(database, whole) == {(TENANT, CALL)}
    assert (await only_row_of(database, tables.call_records))["complete"]
    stored = await only_row_of(database, tables.documents)
    assert orjson.loads(codec.unpack(stored["document"])) == whole


async def test_a_higher_version_replaces_even_if_it_is_less_complete(database):
    await save(database, a_call_record())
    assert await save(database, a_call_record(version=2, sessions=[])) == {(TENANT, CALL)}
    assert (await only_row_of(database, tables.call_records))["incomplete_reason"] == "no sessions"
    assert await rows_of(database, tables.streams) == []


async def test_a_batch_with_one_call_twice_puts_the_newer_in_force_and_keeps_both_documents(database):
    assert await save(database, a_call_record(version=3), a_call_record(version=2)) == {(TENANT, CALL)}
    row = await only_row_of(database, tables.call_records)
    assert (row["version"], row["revision"]) == (3, 1)
    assert [row["version"] for row in await rows_of(database, tables.documents)] == [2, 3]


async def test_a_batch_with_one_version_twice_keeps_the_more_complete(database):
    await save(database, a_call_record(), a_call_record(sessions=[]))
    assert (await only_row_of(database, tables.call_records))["complete"]
    assert len(await rows_of(database, tables.documents)) == 1


async def test_a_batch_says_which_of_its_calls_are_in_force(database):
    await save(database, a_call_record(id=guid(1), version=5), a_call_record(id=guid(2), version=5))
    batch = [a_call_record(id=guid(number), version=4 if number == 2 else 6) for number in (3, 2, 1)]
    assert await save(database, *batch) == {(TENANT, guid(1)), (TENANT, guid(3))}


async def test_two_tenants_may_have_a_call_of_one_id(database):
    other = guid(0xBBBB)
    await save(database, kept(a_call_record()), kept(a_call_record(version=2), tenant=other))
    async with database.reading() as db:
        assert (await stored_calls.call(db, CALL, Filters(tenant_id=TENANT)))["version"] == 1
        assert (await stored_calls.call(db, CALL, Filters(tenant_id=other)))["version"] == 2


async def test_an_empty_batch_does_nothing(database):
    assert await save(database) == set()


async def test_sessions_segments_and_participants_with_one_id_are_all_kept(database):
    twice = guid()
    session = a_session(id=twice, segments=[a_segment(id=twice), a_segment(id=twice)])
    await save(database, a_call_record(sessions=[session, session], participants_v2=[a_participant(id=twice)] * 3))
    assert [row["session_id"] for row in await rows_of(database, tables.sessions)] == [twice] * 2
    assert [row["segment_id"] for row in await rows_of(database, tables.segments)] == [twice] * 4
    assert [row["participant_id"] for row in await rows_of(database, tables.participants)] == [twice] * 3


async def test_a_rolled_back_save_leaves_nothing(database):
    async def save_and_fail():
        async with database.begin() as db:
            await record_store.save(db, [kept(a_call_record())])
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await save_and_fail()
    assert not any(some((await everything(database)).values()))


async def test_a_record_of_more_rows_than_one_chunk_is_saved_whole(database):
    await save(database, a_call_record(sessions=[a_session() for _ in range(1100)]))
    assert len(await rows_of(database, tables.streams)) == 1100
    await save(database, a_call_record(version=2))
    assert len(await rows_of(database, tables.streams)) == 1


async def test_the_stored_versions_of_calls_are_found_by_their_ids(database):
    await save(database, a_call_record(id=guid(0xA), version=4), a_call_record(id=guid(0xB), sessions=[]))
    async with database.reading() as db:
        found = await record_store.stored_versions(db, TENANT, [guid(0xA), guid(0xB), guid(0xC)])
        assert await record_store.stored_versions(db, guid(), [guid(0xA)]) == {}
        assert await record_store.stored_versions(db, TENANT, []) == {}
    assert found == {guid(0xA): (4, True), guid(0xB): (1, False)}
