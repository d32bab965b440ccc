"""What changes archived calls leaves calls without detail rows as it leaves those with them."""

import pytest
from sqlalchemy import update

from app.archive.erasure.erase_person import erase
from app.archive.people import site_profile
from app.archive.queries.filters import Filters
from app.archive.retention import detail_rows
from app.archive.schema import tables
from app.archive.upgrade import reclassifications
from app.archive.upgrade.derive import Derive
from app.archive.upgrade.reclassify import Reclassify
from app.settings.units import NO_DETAIL
from app.simulator.records import a_call_record as simulated
from tests.archive.detail.answers import answers, exported, remove_rows, row_counts, write_rows
from tests.archive.records import (
    NOW,
    TENANT,
    a_call_record,
    a_participant,
    a_session,
    an_endpoint,
    an_identity,
    guid,
    rows_of,
    save,
)
from tests.archive.sites.test_saved_calls import AT_AARHUS, POOR, import_
from tests.archive.sites.test_saved_calls import a_call as at_a_site

pytestmark = pytest.mark.anyio

NUMBER, ADA = "+4930123456", guid(0xADA)
PHONE = {"id": NUMBER, "displayName": None, "tenantId": None}


def a_call(number):
    """Of a telephone, which only its number shows to be one, and Ada."""
    caller = an_endpoint(associatedIdentity=PHONE)
    callee = an_endpoint(associatedIdentity=an_identity(id=ADA))
    people = [a_participant(id=NUMBER, identity={"phone": PHONE}), a_participant(id=ADA)]
    return a_call_record(id=guid(number), participants_v2=people, sessions=[a_session(caller=caller, callee=callee)])


async def kinds(database):
    return {row["caller_identity_kind"] for row in await rows_of(database, tables.sessions)}


async def test_an_erased_telephone_is_one_whether_it_was_erased_with_rows_or_without(database):
    await save(database, a_call(1))
    await erase(database, NUMBER)
    with_rows = await answers(database)
    assert await kinds(database) == {"phone"}
    await remove_rows(database)
    assert await answers(database) == with_rows
    await save(database, a_call(2))
    await remove_rows(database)
    await erase(database, ADA)
    assert set((await row_counts(database)).values()) == {0}
    without_rows = await answers(database)
    assert ADA not in str(without_rows)
    assert NUMBER not in str(without_rows)
    await write_rows(database)
    assert await answers(database) == without_rows
    assert await kinds(database) == {"phone"}


async def test_calls_without_rows_are_judged_and_derived_again_and_get_no_rows(database):
    await save(database, *[simulated(seed=number, tenant_id=TENANT, poor=True, sharing=True) for number in range(3)])
    await remove_rows(database)
    async with database.begin() as db:
        await reclassifications.add(db, "cqd-2018", None, NOW)
    assert await Reclassify(database, holder="test", rest=0).once() == 3
    async with database.begin() as db:
        await db.execute(update(tables.call_records).values(derivation=None))
    assert await Derive(database, holder="test").once() == 3
    assert {row["quality_rules"] for row in await rows_of(database, tables.call_records)} == {"cqd-2018"}
    assert set((await row_counts(database)).values()) == {0}
    without_rows = await answers(database)
    assert await write_rows(database) == 3
    assert await answers(database) == without_rows


async def test_an_export_of_calls_with_rows_and_without_is_in_one_order(database, monkeypatch):
    monkeypatch.setattr(detail_rows, "CALLS", 1)
    await save(database, *[a_call(number) for number in range(5)])
    before = await exported(database)
    some = [call["key"] for call in await rows_of(database, tables.call_records)][1::2]
    unchanged = detail_rows._unchanged

    async def only_some(db, calls, *, has_detail):
        return [key for key in await unchanged(db, calls, has_detail=has_detail) if key in some]

    monkeypatch.setattr(detail_rows, "_unchanged", only_some)
    removed = [changed.removed async for changed in detail_rows.follow(database, NO_DETAIL, NOW)]
    assert removed == [0, 1, 0, 1, 0]
    assert await exported(database) == before


async def test_the_profile_of_a_site_is_the_same_without_rows(database):
    """Also when they are derived again."""
    await import_(database)
    await save(database, *[at_a_site(), at_a_site(streams=(POOR, POOR)), at_a_site(callee=AT_AARHUS)])
    before = await profile_of(database)
    assert before.calls == 3
    assert before.compared.uses["network"][0].poor > 0
    await remove_rows(database)
    assert await profile_of(database) == before
    async with database.begin() as db:
        await db.execute(update(tables.call_records).values(derivation=None))
    await Derive(database, holder="test").once()
    assert await profile_of(database) == before
    assert set((await row_counts(database)).values()) == {0}


async def profile_of(database):
    async with database.reading() as db:
        return await site_profile.profile(db, "AAR-2", Filters())
