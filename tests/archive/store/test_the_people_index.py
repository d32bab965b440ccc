"""Who is in which call stays right through saving, replacing, removing, and in an archive made before the index."""

import asyncio

import orjson
import pytest
from alembic import command
from sqlalchemy import delete, select

from app.archive.daily import changes
from app.archive.schema import microseconds, tables
from app.archive.schema.count_tables import call_counts
from app.archive.schema.dimensions import DIMENSION_COLUMNS
from app.archive.store import children, people_index
from app.archive.upgrade.derive import Derive
from app.db import schema_version
from app.simulator.records import a_call_record as an_invented_record
from tests.archive import records
from tests.archive.records import (
    CALL,
    NOW,
    TENANT,
    a_participant,
    a_service_endpoint,
    a_session,
    an_identity,
    guid,
    kept,
    only_row_of,
    rows_of,
    save,
)
from tests.some import some

pytestmark = pytest.mark.anyio


def somebody(**identity):
    return a_participant(identity={"user": an_identity(**identity)})


ADA = somebody(id=guid(1), displayName="Ada Ashgrove", userPrincipalName="Ada@contoso.example")
BEA = somebody(id=guid(2), displayName="Bea Birkwood", userPrincipalName="bea@contoso.example")


def a_call_record(**changes):
    """A call in whose sessions nobody is named."""
    ends = {"caller": a_service_endpoint(), "callee": a_service_endpoint()}
    return records.a_call_record(sessions=[a_session(**ends, segments=[])], **changes)


async def index(database):
    """Names by call key, the organizer's marked."""
    async with database.reading() as db:
        wanted = select(tables.call_people.c.call_key, tables.people.c.name, tables.call_people.c.is_organizer)
        found = await db.execute(wanted.join(tables.people, tables.people.c.key == tables.call_people.c.person_key))
        return sorted((key, name + "*" * organizer) for key, name, organizer in found)


async def names(database):
    return sorted(row["name"] for row in await rows_of(database, tables.people))


async def test_everybody_in_a_call_is_in_the_index_once_and_folded(database):
    await save(database, a_call_record(organizer_v2=ADA, participants_v2=[ADA, BEA, BEA]))
    assert await index(database) == [(1, "ada ashgrove*"), (1, "bea birkwood")]
    found = await rows_of(database, tables.people)
    assert {row["user_principal_name"] for row in found} == {"ada@contoso.example", "bea@contoso.example"}


async def test_one_person_in_many_calls_is_one_row(database):
    await save(database, *[a_call_record(id=guid(), organizer_v2=ADA, participants_v2=[ADA]) for _ in range(3)])
    await save(database, a_call_record(id=guid(), organizer_v2=ADA, participants_v2=[ADA]))
    assert await names(database) == ["ada ashgrove"]
    assert len(await rows_of(database, tables.call_people)) == 4


async def test_a_newer_version_says_who_was_there_and_a_refused_one_does_not(database):
    await save(database, a_call_record(version=2, organizer_v2=ADA, participants_v2=[ADA]))
    await save(database, a_call_record(version=1, organizer_v2=BEA, participants_v2=[BEA]))
    assert await index(database) == [(1, "ada ashgrove*")]
    await save(database, a_call_record(version=3, organizer_v2=BEA, participants_v2=[BEA]))
    assert await index(database) == [(1, "bea birkwood*")]


async def test_an_entry_has_the_moment_its_call_is_ordered_by(database):
    await save(database, a_call_record(participants_v2=[ADA], organizer_v2=ADA))
    call, entry = await only_row_of(database, tables.call_records), await only_row_of(database, tables.call_people)
    assert microseconds.moment(entry["at"]) == call["ordered_at"]


async def test_removing_calls_removes_those_who_are_in_no_other(database):
    await save(database, a_call_record(participants_v2=[ADA, BEA], organizer_v2=ADA))
    await save(database, a_call_record(id=guid(9), participants_v2=[ADA], organizer_v2=ADA))
    async with database.begin() as db:
        first = await db.scalar(select(tables.call_records.c.key).where(tables.call_records.c.call_id == CALL))
        await db.execute(delete(tables.call_records).where(tables.call_records.c.key == first))
        await people_index.remove(db, [first])
    assert await names(database) == ["ada ashgrove"]
    assert len(await rows_of(database, tables.call_people)) == 1


async def test_two_tenants_have_each_their_own_row_of_a_person(database):
    await save(
        database, kept(a_call_record(participants_v2=[ADA])), kept(a_call_record(participants_v2=[ADA]), tenant=guid(5))
    )
    found = [row for row in await rows_of(database, tables.people) if row["name"] == "ada ashgrove"]
    assert {row["tenant_id"] for row in found} == {TENANT, guid(5)}


async def test_names_of_any_length_and_with_any_character_are_kept(database):
    monsters = [
        somebody(id=guid(number), displayName=name * 1000) for number, name in enumerate(["İ", "\0", "ﬃ", "'%_\\"])
    ]
    await save(database, a_call_record(participants_v2=monsters))
    assert max(map(len, await names(database))) == 200


async def test_workers_that_save_the_same_people_at_once_do_not_lock_each_other_out(database):
    people = [somebody(id=guid(number), displayName=f"P{number}") for number in range(30)]

    async def save_many(order):
        for _ in range(5):
            await save(database, *[a_call_record(id=guid(), participants_v2=people[::order]) for _ in range(3)])

    await asyncio.gather(*(save_many(order) for order in (1, -1, 1, -1)))
    assert len([name for name in await names(database) if name.startswith("p")]) == 30


async def test_saving_and_removing_at_once_never_leaves_an_entry_without_a_person(database):
    async def come_and_go():
        for _ in range(8):
            call_id = guid()
            await save(database, a_call_record(id=call_id, participants_v2=[ADA, BEA], organizer_v2=ADA))
            async with database.begin() as db:
                calls = tables.call_records
                key = await db.scalar(select(calls.c.key).where(calls.c.call_id == call_id))
                await changes.remove(db, [key])
                await db.execute(delete(calls).where(calls.c.key == key))
                await children.remove_children(db, [key])
                await people_index.remove(db, [key])

    async def come():
        for _ in range(8):
            await save(database, a_call_record(id=guid(), participants_v2=[ADA, BEA], organizer_v2=ADA))

    await asyncio.gather(come_and_go(), come(), come_and_go())
    assert len(await index(database)) == len(await rows_of(database, tables.call_people)) == 16


LISTED = {"sites", "networks"}  # which a building file alone gives


def an_archive():
    """Calls of many shapes, of a time when the index did not exist."""
    shapes = [
        {},
        {"pstn": True},
        {"type": "groupCall", "participants": 4, "video": True},
        {"shape": "beta"},
        {"no_sessions": True},
    ]
    return [an_invented_record(id=guid(number + 1), seed=number, **shape) for number, shape in enumerate(shapes)]


async def everything(database):
    keys = {row["key"]: (row["person_id"], row["name"]) for row in await rows_of(database, tables.people)}
    entries = {
        (keys[row["person_key"]], row["at"], row["call_key"], row["is_organizer"], row["kind"], row["seen_in"])
        for row in await rows_of(database, tables.call_people)
    }
    facets = [
        [row[column] for column in DIMENSION_COLUMNS if column not in LISTED]
        for row in await rows_of(database, tables.call_records)
    ]
    reported = {
        row["call_key"]: (row["hour"], orjson.loads(row["counts"])) for row in await rows_of(database, call_counts)
    }
    seen = [row["participants_seen"] for row in await rows_of(database, tables.call_records)]
    return sorted(keys.values()), entries, facets, reported, seen


@pytest.mark.slow
async def test_an_archive_made_before_the_index_and_the_tallies_has_them_when_it_was_derived_again(database):
    await save(database, *an_archive())
    before = await everything(database)
    assert all(any(values) for values in some(zip(*before[2], strict=True)))

    def down_and_up(connection):
        command.downgrade(schema_version.config(connection), "0003")
        command.upgrade(schema_version.config(connection), "head")

    async with database.begin() as db:
        await db.run_sync(down_and_up)
    assert await Derive(database, holder="test").once() == len(an_archive())
    assert await everything(database) == before
    await save(database, kept(a_call_record(participants_v2=[ADA]), now=NOW))  # new people get new keys
