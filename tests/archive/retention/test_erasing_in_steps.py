"""An erasure that was broken off is continued, hides the person from the beginning on, and says how far it is."""

import asyncio
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from app.access.tables import audit
from app.archive.erasure import digests
from app.archive.erasure.erase_person import erase, finished, request_erasure
from app.archive.erasure.requests import calls, run, table
from app.archive.erasure.requests.job import LEASE, EraseJob
from app.archive.erasure.requests.run import Run, next_size
from app.archive.people import search as people_search
from app.archive.queries import stored_calls
from app.archive.queries.filters import Filters
from app.archive.schema import tables
from app.db import lease
from app.health.gauges import Gauges
from app.health.readiness import check
from tests.archive.records import a_call_record, guid, kept, rows_of, save
from tests.archive.retention.archived_calls import DOE, NAME, TRACES, UPN, everything, everywhere, found_in
from tests.archive.retention.test_staying_erased import fetch
from tests.some import some

pytestmark = pytest.mark.anyio


class _Killed(BaseException):
    """Ends the run where it is, as a kill would."""


async def killed_after(database, key, steps, monkeypatch, what=(calls, "save")):
    """A run that ends before that step's transaction commits."""
    module, name = what
    original, left = getattr(module, name), [steps]

    async def step(*given, **named):
        if not left[0]:
            raise _Killed
        left[0] -= 1
        return await original(*given, **named)

    monkeypatch.setattr(module, name, step)
    with pytest.raises(_Killed):
        await Run(database, key).finish()
    monkeypatch.setattr(module, name, original)


async def request_of(database, key):
    async with database.reading() as db:
        return await table.read(db, key)


async def summary(database):
    async with database.reading() as db:
        return await table.summary(db)


async def ids_of_calls(database, **filters):
    async with database.reading() as db:
        page = await stored_calls.calls(db, Filters(**filters))
    return {call["id"] for call in page.items}


async def found_people(database, text):
    async with database.reading() as db:
        found, _ = await people_search.find(db, text, Filters(), 10, datetime.now(UTC))
    return found


async def test_what_was_broken_off_is_continued_by_a_job_of_another_process(database, monkeypatch):
    monkeypatch.setattr(run, "CALLS", 1)
    monkeypatch.setattr(run, "MOST", 1)
    await save(database, *(everywhere(id=guid(number)) for number in range(1, 5)))
    key = await request_erasure(database, DOE)
    await killed_after(database, key, 2, monkeypatch)
    before = await request_of(database, key)
    assert (before.own_calls, before.own_calls_done, before.changed_calls) == (4, 2, 2)
    assert UPN in found_in(await everything(database))
    assert await EraseJob(database, holder="another", rest=0).once() == 1
    after = await request_of(database, key)
    assert (after.own_calls, after.own_calls_done, after.changed_calls, after.changed_rows["documents"]) == (4, 4, 4, 4)
    assert found_in(await everything(database)) == []
    assert await EraseJob(database, holder="another", rest=0).once() == 0


async def test_a_search_that_was_broken_off_continues_behind_the_last_document(database, monkeypatch):
    monkeypatch.setattr(run.search, "BATCH", 1)
    monkeypatch.setattr(run, "NOTED_EVERY", -1.0)
    records = [a_call_record(id=guid(number), joinWebUrl=f"https://example.org/?{DOE}") for number in range(1, 5)]
    await save(database, *records)
    key = await request_erasure(database, DOE)
    await killed_after(database, key, 2, monkeypatch)
    before = await request_of(database, key)
    assert (before.documents, before.documents_done, before.own_calls) == (4, 2, 0)
    after = await finished(database, key, lambda *_: None)
    assert (after.documents_done, after.changed_calls) == (4, 4)
    assert found_in(await everything(database)) == []


async def test_nothing_finds_the_person_from_the_beginning_on(database, monkeypatch, subtests):
    await save(database, everywhere(), a_call_record(id=guid(9)))
    for text in (DOE, UPN, NAME, "John"):
        assert await found_people(database, text)
    key = await request_erasure(database, UPN)
    await killed_after(database, key, 0, monkeypatch)
    assert UPN in found_in(await everything(database))
    for text in (DOE, UPN, NAME, "John", "john.doe"):
        with subtests.test(text):
            assert await found_people(database, text) == []
            assert await ids_of_calls(database, participant=text) == set()
            assert await ids_of_calls(database, organizer=text) == set()
    assert len(await ids_of_calls(database)) == 2


async def test_a_record_that_arrives_meanwhile_is_stored_without_the_person(database, monkeypatch):
    await save(database, everywhere())
    key = await request_erasure(database, DOE)
    await killed_after(database, key, 0, monkeypatch)
    await fetch(database, everywhere(id=guid(7)), everywhere(version=2))
    async with database.reading() as db:
        documents = {row.call_key for row in await db.execute(select(tables.documents.c.call_key))}
    assert len(documents) == 2
    assert await found_people(database, DOE) == []
    await finished(database, key, lambda *_: None)
    assert found_in(await everything(database)) == []


async def test_a_call_that_is_saved_between_reading_and_saving_is_read_again(database, monkeypatch):
    await save(database, everywhere(version=1))
    original, saved = calls.save, []

    async def save_after_another(db, ready):
        if not saved:
            saved.append(await asyncio.sleep(0))
            ready = [one._replace(call=one.call | {"revision": 0}) for one in ready]
        return await original(db, ready)

    monkeypatch.setattr(run.calls, "save", save_after_another)
    monkeypatch.setattr(run, "LOCKED", 0.0)
    assert (await erase(database, DOE)).calls == 1
    assert found_in(await everything(database)) == []


async def test_another_id_of_the_person_joins_the_request_that_is_not_finished(database, monkeypatch):
    await save(database, everywhere(), a_call_record(id=guid(9), joinWebUrl=f"https://example.org/?{UPN}"))
    key = await request_erasure(database, DOE)
    assert await request_erasure(database, DOE) == key
    await killed_after(database, key, 0, monkeypatch)
    assert await request_erasure(database, UPN) == key
    assert (await erase(database, UPN)).calls == 2
    assert found_in(await everything(database)) == []
    assert (await summary(database))[:2] == (0, 1)


async def test_only_the_process_with_the_lease_works_and_the_command_waits_for_it(database, monkeypatch):
    monkeypatch.setattr("app.archive.erasure.erase_person.ANOTHER", 0.01)
    await save(database, everywhere())
    key = await request_erasure(database, DOE)
    reported = asyncio.Event()
    async with lease.hold(database, LEASE, "another"):
        assert await EraseJob(database, holder="this", rest=0).once() == 0
        waiting = asyncio.create_task(finished(database, key, lambda *_: reported.set()))
        await reported.wait()
        assert (await request_of(database, key)).finished_at is None
    assert (await waiting).changed_calls == 1


async def test_health_and_the_audit_say_it_with_numbers_and_without_the_person(database, monkeypatch):
    await save(database, everywhere())
    key = await request_erasure(database, DOE)
    await killed_after(database, key, 0, monkeypatch)
    pending = await check(database, [])
    gauges = {metric.name: metric for metric in Gauges(pending).collect()}
    assert [sample.value for sample in gauges["callkeeper_erasures_pending"].samples] == [1]
    assert [sample.value for sample in gauges["callkeeper_erasure_left"].samples] == [1]
    assert found_in(str(pending.erasures.as_json()).encode()) == []
    await finished(database, key, lambda *_: None)
    ended = (await check(database, [])).erasures
    assert (ended.pending, ended.finished, ended.last.changed_calls, ended.left) == (0, 1, 1, 0)
    rows = some(await rows_of(database, audit))
    assert [(row["method"], row["status"], row["answered"]) for row in rows] == [
        ("ERASE", 202, None),
        ("ERASE", 200, 1),
    ]
    assert found_in(str(rows).encode(), TRACES) == []


async def test_a_call_whose_document_cannot_be_read_is_counted_and_the_others_are_erased(database):
    await save(database, everywhere(id=guid(1)), everywhere(id=guid(2)))
    async with database.begin() as db:
        key = await db.scalar(select(tables.call_records.c.key).where(tables.call_records.c.call_id == guid(1)))
        mine = tables.documents.c.call_key == key
        await db.execute(tables.documents.update().where(mine).values(document=b"no frame"))
    report = await erase(database, DOE)
    assert (report.calls, report.unreadable) == (1, 1)
    assert await found_people(database, DOE) == []


async def test_the_erased_are_remembered_before_anything_is_rewritten(database, monkeypatch):
    await save(database, everywhere())
    key = await request_erasure(database, DOE)
    await killed_after(database, key, 0, monkeypatch)
    async with database.reading() as db:
        erased = await digests.read(db)
    assert erased.person(None, UPN)
    assert kept(everywhere()) is not None


@pytest.mark.parametrize(("size", "seconds", "most"), [(8, 0.05, 8), (8, 0.0, 16), (30, 0.01, 32), (8, 5.0, 1)])
def test_a_transaction_saves_fewer_calls_after_one_that_took_long(size, seconds, most):
    assert next_size(size, seconds) == most
