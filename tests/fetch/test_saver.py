"""What a fetch came to is committed together with the end of its row, or not at all."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.exc import DataError, IntegrityError

from app.archive.parse.record import RecordBuilder
from app.archive.schema.tables import call_records, sessions
from app.archive.store import record_store
from app.fetch.saver import MANY, Fetched, Saver
from app.inbox import queue, rows, tenant_state
from app.inbox.queue import Notice
from app.settings.units import NO_DETAIL, DetailRows
from app.simulator.records import a_call_record
from tests.archive.detail.answers import answers, set_detail, write_rows
from tests.archive.records import rows_of

pytestmark = pytest.mark.anyio

TENANT = "3f1c9a52-7d0e-4b86-9c1b-5a2e8d470001"
LEASE = timedelta(minutes=2)
ME = "worker-of-this-test"


def now():
    return datetime.now(UTC)


def built(document):
    builder = RecordBuilder(TENANT, document["id"])
    builder.begin(document)
    return builder.finish(now())


@pytest.fixture
async def claimed(database):
    """Notices these documents' calls and claims them; each record with its claim."""

    async def claimed(*documents, deadline=None):
        async with database.begin() as db:
            await tenant_state.ensure_rows(db, [TENANT])
            await queue.put(db, [Notice(TENANT, d["id"], deadline) for d in documents], now())
            claims = {claim.call_id: claim for claim in await queue.claim(db, ME, [TENANT], 100, LEASE)}
        return [Fetched(claims[document["id"]], built(document)) for document in documents]

    return claimed


async def left(database):
    async with database.reading() as db:
        return {row.call_id: row for row in await rows.rows(db)}


async def held(database, *documents):
    async with database.reading() as db:
        found = await record_store.stored_versions(db, TENANT, [document["id"] for document in documents])
    return {call_id: version for call_id, (version, _) in found.items()}


async def test_what_is_stored_leaves_the_inbox_and_is_counted(database, claimed):
    documents = [a_call_record() for _ in range(5)]
    await Saver(database, ME).save(await claimed(*documents))
    assert await left(database) == {}
    assert len(await held(database, *documents)) == 5
    async with database.reading() as db:
        assert (await tenant_state.find(db, TENANT)).kept_total == 5


async def test_saving_twice_stores_once(database, claimed):
    kept = await claimed(a_call_record())
    for _ in range(2):
        await Saver(database, ME).save(kept)
    assert await left(database) == {}
    assert list((await held(database, {"id": kept[0].claim.call_id})).values()) == [1]


async def test_a_row_noticed_since_its_claim_stays_and_is_due(database, claimed):
    document = a_call_record()
    kept = await claimed(document)
    async with database.begin() as db:
        await queue.put(db, [Notice(TENANT, document["id"])], now())
    await Saver(database, ME).save(kept)
    row = (await left(database))[document["id"]]
    assert (row.state, row.claimed_by, row.attempts, row.notices) == ("due", None, 0, 2)
    assert row.due_at <= now()
    assert await held(database, document) == {document["id"]: 1}


async def test_an_incomplete_record_is_stored_and_looked_at_again(database, claimed):
    document = a_call_record(no_sessions=True)
    await Saver(database, ME).save(await claimed(document))
    row = (await left(database))[document["id"]]
    assert (row.state, row.claimed_by) == ("due", None)
    assert row.last_error == "stored incomplete: no sessions"
    assert timedelta(minutes=4) < row.due_at - now() < timedelta(minutes=7)
    assert await held(database, document) == {document["id"]: 1}


async def test_an_incomplete_record_whose_30_days_are_over_is_done(database, claimed):
    document = a_call_record(no_sessions=True)
    await Saver(database, ME).save(await claimed(document, deadline=now() - timedelta(seconds=1)))
    assert await left(database) == {}
    assert await held(database, document) == {document["id"]: 1}


async def test_the_second_look_at_an_incomplete_record_never_goes_beyond_its_deadline(database, claimed):
    deadline = now() + timedelta(minutes=2)
    document = a_call_record(no_sessions=True)
    await Saver(database, ME).save(await claimed(document, deadline=deadline))
    assert (await left(database))[document["id"]].due_at == deadline


@pytest.mark.parametrize(
    ("version", "error"),
    [(None, IntegrityError), (1 << 70, (OverflowError, DataError))],
    ids=["refused", "unsendable"],
)
async def test_a_record_that_the_database_refuses_fails_alone(database, claimed, version, error):
    kept = await claimed(*(a_call_record() for _ in range(4)))
    poison = replace(kept[1].record, row={**kept[1].record.row, "version": version})
    async with Saver(database, ME).group() as group:
        outcomes = await gathered(group, [kept[0], Fetched(kept[1].claim, poison), *kept[2:]])
    assert isinstance(outcomes.pop(1), error)
    assert outcomes == [None, None, None]
    assert set(await left(database)) == {kept[1].claim.call_id}
    assert len(await held(database, *({"id": each.claim.call_id} for each in kept))) == 3


async def gathered(group, kept):
    return await asyncio.gather(*(group.add(each) for each in kept), return_exceptions=True)


async def test_neither_record_nor_row_changes_when_the_commit_breaks(database, claimed, monkeypatch):
    document = a_call_record()
    kept = await claimed(document)

    def broken(*_):
        raise ConnectionResetError

    monkeypatch.setattr("app.fetch.saver.tenant_state.counting_stored", broken)
    with pytest.raises(ConnectionResetError):
        await Saver(database, ME).save(kept)
    assert await held(database, document) == {}
    assert (await left(database))[document["id"]].claimed_by == ME


async def test_a_worker_that_is_behind_leaves_the_detail_rows_to_the_background_and_all_answers_are_equal(
    database, claimed
):
    documents = [a_call_record(seed=seed) for seed in range(2 * MANY)]
    late, soon = documents[:MANY], documents[MANY:]

    def behind(fetched):
        return [replace(one, is_behind=True) for one in fetched]

    saver = Saver(database, ME)
    await saver.save(behind(await claimed(*late)))
    await saver.save(behind(await claimed(*soon[1:])))
    await saver.save(await claimed(*soon[:1]))
    with_detail = {row["call_id"] for row in await rows_of(database, call_records) if row["has_detail"]}
    assert with_detail == {document["id"] for document in soon}
    assert len({row["call_key"] for row in await rows_of(database, sessions)}) == len(soon)
    before = await answers(database)
    assert await write_rows(database) == len(late)
    assert {row["has_detail"] for row in await rows_of(database, call_records)} == {True}
    assert await answers(database) == before


async def test_nothing_is_left_to_the_background_where_calls_have_no_detail_rows(database, claimed):
    kept = [replace(one, is_behind=True) for one in await claimed(*[a_call_record(seed=seed) for seed in range(MANY)])]
    await Saver(database, ME, detail_rows=NO_DETAIL).save(kept)
    assert await set_detail(database, NO_DETAIL) == 0


async def test_a_call_is_stored_with_detail_rows_only_where_the_setting_says_so(database, claimed):
    """By the age of the call, which is not that of its record."""
    young, old = a_call_record(), a_call_record(start=now() - timedelta(days=3))
    await Saver(database, ME, detail_rows=DetailRows(timedelta(days=2))).save(await claimed(young, old))
    with_detail = {row["call_id"] for row in await rows_of(database, call_records) if row["has_detail"]}
    assert with_detail == {young["id"]}
    (key,) = {row["call_key"] for row in await rows_of(database, sessions)}
    assert {row["key"]: row["call_id"] for row in await rows_of(database, call_records)}[key] == young["id"]
