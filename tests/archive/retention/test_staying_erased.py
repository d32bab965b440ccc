"""Nothing brings an erased person back: no later version, no sweep, no refetch, and not the first new call."""

import asyncio
from datetime import UTC, datetime, timedelta
from sys import getrefcount

import pytest

from app.archive.erasure import digests
from app.archive.erasure.digests import ERASED
from app.archive.erasure.erase_person import erase
from app.archive.schema import tables
from app.archive.store import record_store
from app.fetch.saver import Fetched, Saver
from app.inbox import queue, tenant_state
from app.inbox.queue import Notice
from tests.archive.records import TENANT, a_call_record, a_participant, an_identity, guid, kept, rows_of, save
from tests.archive.retention.archived_calls import DOE, OTHER, UPN, everything, everywhere, found_in, john

pytestmark = pytest.mark.anyio

ME = "worker-of-this-test"


async def fetch(database, *records, saver=None):
    """As a worker saves what it fetched."""
    now = datetime.now(UTC)
    built = [kept(record) for record in records]
    async with database.begin() as db:
        await tenant_state.ensure_rows(db, [TENANT])
        await queue.put(db, [Notice(TENANT, record.call_id) for record in built], now)
        claims = {c.call_id: c for c in await queue.claim(db, ME, [TENANT], 100, timedelta(minutes=2))}
    await (saver or Saver(database, ME)).save([Fetched(claims[record.call_id], record) for record in built])


@pytest.mark.parametrize("given", [DOE, UPN])
async def test_the_same_version_fetched_again_a_later_one_and_a_new_call_come_without_him(database, given):
    await save(database, everywhere())
    await erase(database, given)
    await fetch(database, everywhere())
    await fetch(database, everywhere(version=2), everywhere(id=guid(0xFF)))
    assert found_in(await everything(database)) == []
    assert len(await rows_of(database, tables.call_records)) == 2


async def test_a_later_version_has_the_pseudonym_of_the_earlier_one(database):
    await save(database, everywhere())
    await erase(database, DOE)
    (before,) = await rows_of(database, tables.call_records)
    await fetch(database, everywhere(version=2))
    (after,) = await rows_of(database, tables.call_records)
    assert (before["version"], after["version"]) == (1, 2)
    assert before["organizer_identity_id"] == after["organizer_identity_id"]


async def test_a_worker_that_looked_before_the_erasure_looks_again(database):
    saver = Saver(database, ME)
    await fetch(database, everywhere(), saver=saver)
    await erase(database, DOE)
    await fetch(database, everywhere(version=2), saver=saver)
    assert found_in(await everything(database)) == []


async def test_an_erasure_waits_for_those_who_looked_before_it_and_finds_what_they_saved(database):
    async with database.begin() as db:
        assert await digests.count(db) == 0
        erasing = asyncio.create_task(erase(database, DOE))
        await asyncio.wait([erasing], timeout=0.2)
        await record_store.save(db, [kept(everywhere())])
    assert (await erasing).calls == 1
    assert found_in(await everything(database)) == []


async def test_a_person_who_has_no_call_yet_is_erased_from_those_to_come(database):
    assert (await erase(database, DOE)).calls == 0
    await fetch(database, everywhere())
    assert found_in(await everything(database)) == []


async def test_without_an_id_the_principal_name_tells_who_it_is_and_with_another_id_it_does_not(database):
    await save(database, everywhere())
    await erase(database, DOE)
    nameless = a_participant(identity={"user": john(id=None)})
    successor = a_participant(identity={"user": an_identity(id=OTHER, userPrincipalName=UPN)})
    await fetch(database, a_call_record(id=guid(3), participants_v2=[nameless, successor]))
    rows = [row for row in await rows_of(database, tables.participants) if row["identity_display_name"]]
    names = {row["identity_user_principal_name"] for row in rows if row["identity_id"] in (None, OTHER)}
    assert UPN in names
    assert any(name.startswith(ERASED) for name in names)


async def test_others_records_are_saved_as_they_came(database):
    await erase(database, DOE)
    record = a_call_record()
    await fetch(database, record)
    (row,) = await rows_of(database, tables.documents)
    assert row["document"] == kept(record).document


@pytest.mark.parametrize("function", [digests.digest, digests.name_digest])
def test_no_cache_of_digests_holds_a_long_text(function):
    text = "x" * 100_000
    before = getrefcount(text)
    function(b"key", text)
    assert getrefcount(text) == before
