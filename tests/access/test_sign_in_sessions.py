"""Sign-in sessions in the database: whose each is at this moment, and what ends it."""

from datetime import UTC, datetime, timedelta

import pytest

from app.access import keys, sign_in_sessions
from app.access.caller import Caller

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
TENANT = "00000000-0000-4000-8000-00000000aaaa"
PERSON = Caller("00000000-0000-4000-8000-0000000000fe", "read", (TENANT,))
STATIC = keys.digest("a static key of the tests")


async def a_session(database, caller, method="key", now=NOW):
    async with database.begin() as db:
        return await sign_in_sessions.create(db, caller, method, now, static=STATIC)


async def found(database, token, now=NOW, static=STATIC):
    async with database.reading() as db:
        session = await sign_in_sessions.find(db, token, now, static=static)
    return session and session.caller


async def listed(database, now=NOW):
    async with database.reading() as db:
        return await sign_in_sessions.list_open(db, now)


async def test_each_kind_of_session_is_its_callers_until_it_ends(database):
    async with database.begin() as db:
        await keys.create(db, "reports", "read", [TENANT], NOW)
    by = {caller: await a_session(database, caller, method) for caller, method in CALLERS.items()}
    assert {caller: await found(database, token) for caller, token in by.items()} == {one: one for one in CALLERS}
    rows = await listed(database)
    assert sorted((row["who"], row["method"], row["scope"], row["tenants"]) for row in rows) == sorted(
        (caller.name, method, caller.scope, caller.tenants) for caller, method in CALLERS.items()
    )
    assert {row["ends_at"] for row in rows} == {NOW + sign_in_sessions.LIFETIME}
    assert not any(token in str(rows) for token in by.values())
    async with database.begin() as db:
        assert await sign_in_sessions.end(db, rows[0]["id"])
        assert not await sign_in_sessions.end(db, rows[0]["id"])
    assert len(await listed(database)) == 2
    async with database.begin() as db:
        assert await sign_in_sessions.end_all(db) == 2
    assert {await found(database, token) for token in by.values()} == {None}


CALLERS = {Caller("reports", "read", (TENANT,)): "key", Caller(keys.STATIC, "admin"): "key", PERSON: "entra"}


async def test_a_session_ends_after_its_lifetime_and_the_next_one_deletes_its_row(database):
    end = NOW + sign_in_sessions.LIFETIME
    token = await a_session(database, PERSON, "entra")
    assert await found(database, token, end - timedelta(seconds=1)) == PERSON
    assert (await found(database, token, end), await listed(database, end)) == (None, [])
    await a_session(database, PERSON, "entra", end)
    async with database.begin() as db:
        assert await sign_in_sessions.end_all(db) == 1


@pytest.mark.parametrize("static", [None, keys.digest("another static key")])
async def test_a_session_of_api_key_ends_when_api_key_changes(database, static):
    token = await a_session(database, Caller(keys.STATIC, "admin"))
    assert await found(database, token, static=static) is None


async def test_the_database_holds_no_plain_hash_of_api_key(database):
    await a_session(database, Caller(keys.STATIC, "admin"))
    async with database.reading() as db:
        row = (await db.execute(sign_in_sessions.sign_in_sessions.select())).mappings().one()
    assert STATIC.hex() not in str(dict(row))


async def test_a_session_of_a_key_that_does_not_exist_gives_no_access(database):
    token = await a_session(database, Caller("nobody", "admin"))
    assert (await found(database, token), await listed(database)) == (None, [])
