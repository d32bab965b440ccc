"""What an older worker saves beside a newer schema is derived anew, and then found as if it had never been there."""

import asyncio

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.dialects import sqlite

from app.archive.daily import count_job, streams_per_day
from app.archive.daily.fold import fold
from app.archive.erasure import digests
from app.archive.erasure.erase_person import erase
from app.archive.queries import stored_calls
from app.archive.queries.filters import Filters
from app.archive.retention.expired_calls import _delete
from app.archive.schema.count_tables import call_counts, count_changes
from app.archive.schema.tables import call_people, call_records, documents, people, underived
from app.archive.upgrade.derive import Derive
from app.db import lease
from tests.archive.records import CALL, NOW, a_call_record, a_media, a_segment, a_session, rows_of, save
from tests.archive.retention.archived_calls import DOE, NAME, everything
from tests.upgrades.old import JOHNS, NEWEST, OTHERS, migrate_to

pytestmark = pytest.mark.anyio

MARKS = ("derivation", "derived_revision")


@pytest.fixture
async def beside(old):
    """The newest schema, into which a program of another age saves."""
    await migrate_to(old.database, NEWEST)
    return old


def sweep(database, in_thread=asyncio.to_thread):
    return Derive(database, holder="test", in_thread=in_thread).once()


async def settled(database):
    count = await sweep(database)
    await count_job.settle(database, holder="test")
    return count


async def listed(database, **filters):
    async with database.reading() as db:
        return {item["id"] for item in (await stored_calls.calls(db, Filters(**filters))).items}


@pytest.mark.parametrize("revision", ["0001", "0003", "0006", "0008"])  # with ever more of what is derived
async def test_calls_that_an_older_program_saved_are_found_after_the_sweep(beside, revision):
    await beside.fill_as(revision)
    assert await settled(beside.database) == 2
    assert await listed(beside.database, participant="john d") == {JOHNS}
    assert await listed(beside.database, platform="windows") == {JOHNS, OTHERS}
    assert await listed(beside.database, device="John's AirPods") == {JOHNS}


async def test_doing_it_twice_changes_nothing(beside):
    await beside.fill_as("0001")
    assert await settled(beside.database) == 2
    before = await everything(beside.database)
    assert await settled(beside.database) == 0
    assert await everything(beside.database) == before


def a_call_with(device, version):
    media = a_media(callerDevice={"captureDeviceName": device})
    return a_call_record(version=version, sessions=[a_session(segments=[a_segment(media=[media])])])


async def replaced_by_an_older_program(database):
    """One of 0006: it leaves the counts and facets as they were, and the marks of 0009."""
    kept = ("devices", "client_versions", *MARKS)
    await save(database, a_call_with("Old Mic", 1))
    await fold(database)
    (row,), (reported,) = await rows_of(database, call_records), await rows_of(database, call_counts)
    await save(database, a_call_with("New Mic", 2))
    async with database.begin() as db:
        await db.execute(update(call_records).values({name: row[name] for name in kept}))
        await db.execute(delete(count_changes))
        await db.execute(update(call_counts).values(counts=reported["counts"]))


async def test_a_call_that_an_older_program_replaced_is_what_its_new_version_says(database):
    await replaced_by_an_older_program(database)
    assert await listed(database, device="Old Mic") == {CALL}
    assert await settled(database) == 1
    assert await listed(database, device="Old Mic") == set()
    assert await listed(database, device="New Mic") == {CALL}
    assert "Old Mic" not in str(await rows_of(database, call_counts))


async def test_the_tallies_of_its_day_are_those_of_the_new_version(database):
    await replaced_by_an_older_program(database)
    await settled(database)
    async with database.reading() as db:
        found = await streams_per_day.over(db, Filters(), "device")
    assert [row.value for row in found] == ["New Mic"]


async def test_what_this_program_saved_is_left_alone(database):
    await save(database, a_call_record())
    await save(database, a_call_record(version=2))
    assert await sweep(database) == 0
    assert (await rows_of(database, call_records))[0]["revision"] == 2


async def unmarked(database):
    async with database.begin() as db:
        await db.execute(update(call_records).values(dict.fromkeys(MARKS)))


async def test_a_call_that_is_saved_meanwhile_is_not_overwritten(database):
    await save(database, a_call_with("Old Mic", 1))
    await unmarked(database)

    async def arrives(*work):
        await save(database, a_call_with("New Mic", 2))
        return await asyncio.to_thread(*work)

    assert await sweep(database, arrives) == 0
    (row,) = await rows_of(database, call_records)
    assert (row["version"], row["revision"], row["devices"]) == (2, 2, '["New Mic"]')


async def test_a_call_that_goes_meanwhile_stays_away(database):
    await save(database, a_call_record())
    await unmarked(database)

    async def goes(*work):
        async with database.begin() as db:
            await _delete(db, list((await db.execute(select(call_records.c.key))).scalars()))
        return await asyncio.to_thread(*work)

    assert await sweep(database, goes) == 0
    assert (await rows_of(database, call_records), await rows_of(database, call_counts)) == ([], [])


async def test_whom_it_did_not_know_to_be_erased_is_erased_again(beside):
    """A program before 0003 knows no erasures."""
    await erase(beside.database, DOE)
    await beside.fill_as("0002")
    await settled(beside.database)
    assert NAME.casefold() not in {row["name"] for row in await rows_of(beside.database, people)}
    assert await listed(beside.database, participant=DOE) == set()


async def test_a_person_who_is_erased_during_the_work_does_not_come_back(beside):
    await beside.fill_as("0006")
    times = []

    async def is_erased(*work):
        if not times:
            async with beside.database.begin() as db:
                await digests.remember(db, "somebody", digests.Known({DOE}, (), ()), NOW)
        times.append(work)
        return await asyncio.to_thread(*work)

    assert await sweep(beside.database, is_erased) == len(times) - 1
    assert DOE not in {row["person_id"] for row in await rows_of(beside.database, people)}


async def test_a_call_without_a_document_is_not_found_again_and_keeps_its_people(database):
    await save(database, a_call_record())
    await unmarked(database)
    async with database.begin() as db:
        await db.execute(delete(documents))
    assert await sweep(database) == 0
    async with database.reading() as db:
        assert (await db.execute(select(call_records.c.key).where(underived))).all() == []
    assert len(await rows_of(database, call_people)) > 0


async def test_only_who_has_the_lease_does_it(database):
    await save(database, a_call_record())
    await unmarked(database)
    async with lease.hold(database, "derive", "another"):
        assert await sweep(database) == 0
    assert await sweep(database) == 1


async def test_what_an_older_version_derived_is_derived_again_once(old):
    await old.at("0006")
    await migrate_to(old.database, "0008")
    async with old.database.begin() as db:
        await db.execute(text("UPDATE call_records SET revision = 1"))
    await migrate_to(old.database, NEWEST)
    assert await sweep(old.database) == 2
    assert await sweep(old.database) == 0


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_looking_for_work_reads_the_partial_index_alone(database):
    wanted = select(call_records.c.key).where(underived, call_records.c.key > 0).order_by(call_records.c.key)
    reported = str(wanted.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True}))
    async with database.reading() as db:
        plan = str((await db.execute(text("EXPLAIN QUERY PLAN " + reported))).all())
    assert "ix_call_records_underived" in plan
