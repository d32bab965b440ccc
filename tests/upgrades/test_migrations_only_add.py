"""The rule that lets two versions of the service work side by side: a migration only adds.

docs/upgrades.md says why. What breaks it turns these tests red, whoever wrote it.
"""

import pytest
import sqlalchemy as sa
from sqlalchemy import inspect

from app.db import metadata
from tests.upgrades.old import NEWEST, REVISIONS, migrate_to

pytestmark = pytest.mark.anyio


async def seen(database):
    async with database.reading() as db:
        return await db.run_sync(all_of)


def all_of(connection):
    """All that a program can meet in a database: its tables, and what each refuses."""
    inspector = inspect(connection)
    return {table: _seen_in(inspector, table) for table in inspector.get_table_names()}


def _seen_in(inspector, table):
    unique = [tuple(sorted(one["column_names"])) for one in inspector.get_unique_constraints(table)]
    unique += [tuple(sorted(one["column_names"])) for one in inspector.get_indexes(table) if one["unique"]]
    return {
        "columns": {column["name"]: column for column in inspector.get_columns(table)},
        "key": tuple(inspector.get_pk_constraint(table)["constrained_columns"]),
        "unique": set(unique),
        "foreign keys": {tuple(one["constrained_columns"]) for one in inspector.get_foreign_keys(table)},
        "checks": {one["sqltext"] for one in inspector.get_check_constraints(table)},
    }


def broken(before, after):
    """What a program that knows only ``before`` would stumble over in ``after``, a line each."""
    for table, was in before.items():
        if table not in after:
            yield f"{table} is gone"
        elif table != "alembic_version":
            yield from (f"{table}: {what}" for what in _broken_in(was, after[table]))


def _broken_in(was, now):
    for name, column in was["columns"].items():
        yield from (f"{name} {what}" for what in _changed(column, now["columns"].get(name)))
    for name in now["columns"].keys() - was["columns"].keys():
        column = now["columns"][name]
        if not column["nullable"] and column.get("default") is None:
            yield f"{name} is new, and a row without it is refused"
    if now["key"] != was["key"]:
        yield "has another primary key"
    if was["unique"] - now["unique"]:
        yield "lost a unique constraint, which an upsert names"
    for what in ("unique", "foreign keys", "checks"):
        if now[what] - was[what]:
            yield f"refuses rows by something new: {what}"


def _changed(was, now):
    if now is None:
        yield "is gone"
        return
    if repr(now["type"]) != repr(was["type"]):
        yield "has another type"
    if was["nullable"] and not now["nullable"]:
        yield "must not be null any more"
    if was.get("default") is not None and now.get("default") is None:
        yield "has no default any more"


async def test_the_next_revision_holds_all_of_the_one_before_and_refuses_nothing_more(empty):
    first, *others = REVISIONS
    await migrate_to(empty, first)
    before = await seen(empty)
    assert others
    for revision in others:
        await migrate_to(empty, revision)
        after = await seen(empty)
        assert list(broken(before, after)) == [], revision
        before = after


async def test_a_row_with_only_the_columns_of_an_old_revision_is_taken_by_the_newest(old, subtests):
    await migrate_to(old.database, NEWEST)
    for revision in REVISIONS[:-1]:
        with subtests.test(revision=revision):
            await old.fill_as(revision)
            async with old.database.begin() as db:
                assert await db.scalar(sa.text("SELECT count(*) FROM call_records")) == 2
                for table in reversed(metadata.sorted_tables):
                    await db.execute(table.delete())


BREAKING = {
    "DROP TABLE leases": "leases is gone",
    "ALTER TABLE leases RENAME TO locks": "leases is gone",
    "ALTER TABLE tenants DROP COLUMN kept_at": "tenants: kept_at is gone",
    "ALTER TABLE tenants RENAME COLUMN kept_at TO stored_at": "tenants: kept_at is gone",
    "CREATE UNIQUE INDEX once ON inbox (claimed_by)": "inbox: refuses rows by something new: unique",
}
BREAKING_ON_POSTGRESQL = {  # SQLite itself refuses these
    "ALTER TABLE leases ADD demanded TEXT NOT NULL": "leases: demanded is new, and a row without it is refused",
    "ALTER TABLE inbox ALTER claimed_by SET NOT NULL": "inbox: claimed_by must not be null any more",
    "ALTER TABLE inbox ALTER attempts TYPE SMALLINT": "inbox: attempts has another type",
    "ALTER TABLE tenants ALTER kept_total DROP DEFAULT": "tenants: kept_total has no default any more",
    "ALTER TABLE inbox ADD CHECK (attempts < 9)": "inbox: refuses rows by something new: checks",
    "ALTER TABLE inbox ADD FOREIGN KEY (tenant_id) REFERENCES tenants": (
        "inbox: refuses rows by something new: foreign keys"
    ),
    "ALTER TABLE leases DROP CONSTRAINT pk_leases": "leases: has another primary key",
    "ALTER TABLE subscriptions DROP CONSTRAINT uq_subscriptions_subscription_id": (
        "subscriptions: lost a unique constraint, which an upsert names"
    ),
}
CASES = [(url, *case) for url in ("sqlite", "postgresql") for case in BREAKING.items()]
CASES += [("postgresql", *case) for case in BREAKING_ON_POSTGRESQL.items()]


@pytest.mark.parametrize(("database_url", "statement", "stumble"), CASES, indirect=["database_url"])
async def test_a_migration_that_breaks_the_rule_is_seen(database, statement, stumble):
    async with database.begin() as db:
        before = await db.run_sync(all_of)
        await db.execute(sa.text(statement))
        after = await db.run_sync(all_of)
        await db.rollback()
    assert stumble in list(broken(before, after))


async def test_everything_that_the_code_knows_is_looked_at(database):
    assert set(await seen(database)) == {table.name for table in metadata.sorted_tables} | {"alembic_version"}
