"""Old rows of the audit and sessions that are over are deleted, in transactions of bounded size."""

from datetime import UTC, datetime, timedelta

import pytest

from app.access import audit, audit_retention, sign_in_sessions
from app.access.audit import Entry
from app.access.audit_retention import RetainAudit
from app.access.caller import Caller
from app.db import lease

pytestmark = pytest.mark.anyio

DAY = timedelta(days=1)


def an_entry(age):
    return Entry(datetime.now(UTC) - age, "reports", "read", None, "GET", "/api/calls", None, (), 200, 1)


def job(database):
    return RetainAudit(database, 400 * DAY, holder="tests")


async def test_rows_older_than_the_retention_are_deleted_in_several_transactions(database, monkeypatch):
    monkeypatch.setattr(audit_retention, "ROWS", 3)
    monkeypatch.setattr(audit_retention, "PAUSE", 0.0)
    async with database.begin() as db:
        await audit.write(db, [an_entry(age * DAY) for age in (0, 399, *range(401, 409))])
    assert await job(database).once() == 8
    async with database.reading() as db:
        assert [(datetime.now(UTC) - row["at"]).days for row in await audit.read(db)] == [0, 399]
    assert await job(database).once() == 0


async def test_another_process_with_the_lease_leaves_nothing_to_do(database):
    async with database.begin() as db:
        await audit.write(db, [an_entry(500 * DAY)])
    await lease.take(database, "audit_retention", "another", DAY)
    assert await job(database).once() == 0
    async with database.reading() as db:
        assert len(await audit.read(db)) == 1


async def test_sessions_that_are_over_are_deleted(database):
    caller = Caller("00000000-0000-4000-8000-0000000000fe", "read", ())
    async with database.begin() as db:
        await sign_in_sessions.create(db, caller, "entra", datetime.now(UTC) - timedelta(hours=9))
    await job(database).once()
    async with database.begin() as db:
        assert await sign_in_sessions.end_all(db) == 0
