"""Keys in the database: shown once, kept as a hash, gone at once when revoked."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from app.access import keys
from app.access.caller import Caller, Unauthenticated
from app.access.keys import KeyRefused
from app.access.tables import api_keys

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
TENANT = "00000000-0000-4000-8000-00000000aaaa"


async def made(database, name="reports", scope="read", tenants=None):
    async with database.begin() as db:
        return await keys.create(db, name, scope, tenants, NOW)


async def whose(database, key):
    async with database.reading() as db:
        return await keys.caller(db, key, NOW)


async def revoked(database, name, now=NOW):
    async with database.begin() as db:
        return await keys.revoke(db, name, now)


async def used(database, *names, now=NOW):
    async with database.begin() as db:
        await keys.mark_used(db, names, now)


async def listed(database):
    async with database.reading() as db:
        return await keys.list_keys(db)


async def test_a_key_tells_who_comes_with_it_and_what_it_may_do(database):
    read, admin = await made(database), await made(database, "ops", "admin", [TENANT])
    assert await whose(database, read) == Caller("reports", "read", None)
    assert await whose(database, admin) == Caller("ops", "admin", (TENANT,))


async def test_a_key_has_256_random_bits_and_a_form_that_scanners_find(database):
    made_keys = {await made(database, f"key-{number}") for number in range(20)}
    assert len(made_keys) == 20
    assert all(keys.looks_like_a_key(key) and len(key) == 46 for key in made_keys)
    assert not any(map(keys.looks_like_a_key, ("ck_", "ck_short", "x" * 46, next(iter(made_keys)) + "\n")))


async def test_of_a_key_only_its_hash_is_kept(database):
    key = await made(database)
    async with database.reading() as db:
        row = (await db.execute(select(api_keys))).mappings().one()
    assert row["sha256"] == keys.digest(key).hex()
    assert not any(key[3:] in str(value) for value in row.values())


async def test_another_key_is_refused(database):
    key = await made(database)
    for wrong in (key[:-1], key + "x", key.swapcase(), key[3:], "", "ck_" + "A" * 43):
        with pytest.raises(Unauthenticated):
            await whose(database, wrong)


async def test_a_name_is_given_once_and_never_again(database):
    await made(database)
    for _ in range(2):
        with pytest.raises(KeyRefused, match="already"):
            await made(database)
        await revoked(database, "reports")
    assert len(await listed(database)) == 1


async def test_a_plain_name_will_do(database, subtests):
    for name in ["a", "Reports.2026_q-1", "x" * 64]:
        with subtests.test(name=name):
            assert await made(database, name)


MISLEADING = [
    "",
    " ",
    "two words",
    "ä",
    "a/b",
    "a\n",
    "x" * 65,
    "api_key",
    "API_KEY",
    "00000000-0000-4000-8000-00000000aaaa",
]


async def test_a_name_that_would_mislead_in_the_audit_is_refused(database, subtests):
    for name in MISLEADING:
        with subtests.test(name=name), pytest.raises(KeyRefused):
            await made(database, name)


async def test_a_revoked_key_is_refused_from_the_commit_on(database):
    key, other = await made(database), await made(database, "other")
    await revoked(database, "reports")
    with pytest.raises(Unauthenticated) as caught:
        await whose(database, key)
    assert caught.value.reason == "revoked"
    assert (await whose(database, other)).name == "other"


async def test_revoking_twice_leaves_the_first_moment(database):
    await made(database)
    assert await revoked(database, "reports") == (NOW, True)
    assert await revoked(database, "reports", NOW + timedelta(days=1)) == (NOW, False)


async def test_revoking_an_unknown_key_says_so(database):
    with pytest.raises(KeyRefused, match="no key nothing"):
        await revoked(database, "nothing")


async def test_the_last_use_is_written_once_a_minute(database):
    await made(database)
    await made(database, "other")
    for seconds, seen in ((0, 0), (30, 0), (61, 61), (90, 61)):
        await used(database, "reports", "no key", now=NOW + timedelta(seconds=seconds))
        other, reports = await listed(database)
        assert (other["last_used_at"], reports["last_used_at"]) == (None, NOW + timedelta(seconds=seen))


async def test_a_use_does_not_wait_for_a_lock_of_the_row(database):
    """SQLite has one writer anyway; on PostgreSQL a revocation under way must not hold up a read."""
    if database.dialect == "sqlite":
        pytest.skip("one writer at a time")
    await made(database)
    async with database.begin() as db:
        await keys.revoke(db, "reports", NOW)
        await used(database, "reports")


async def test_the_list_has_everything_but_the_key(database):
    await made(database, "ops", "admin", [TENANT])
    (row,) = await listed(database)
    assert row == {
        "name": "ops",
        "scope": "admin",
        "tenants": (TENANT,),
        "sites": None,
        "created_at": NOW,
        "expires_at": None,
        "last_used_at": None,
        "revoked_at": None,
    }


async def test_an_expired_key_is_refused_with_the_moment_of_its_expiry(database):
    async with database.begin() as db:
        key = await keys.create(db, "reports", "read", None, NOW, expires_at=NOW + timedelta(days=90))
    async with database.reading() as db:
        assert (await keys.caller(db, key, NOW + timedelta(days=90, seconds=-1))).name == "reports"
        with pytest.raises(Unauthenticated, match="expired on 2026-05-30 12:00 UTC") as refused:
            await keys.caller(db, key, NOW + timedelta(days=90))
    assert refused.value.reason == "expired"
