"""Both sides of a connection to PostgreSQL notice that the other has vanished, and no transaction locks rows for long."""

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.db import Database, Limits, postgresql
from app.db.outage import causes
from app.inbox import tenant_state
from app.runtime.opening import STATEMENT_LIMIT
from tests.link import Link

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)]

NAMES = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
PROBES = ("tcp_keepalives_idle", "tcp_keepalives_interval", "tcp_keepalives_count", "tcp_user_timeout")


async def settings(begin):
    """The limits, and where the server has its probes from: on a Unix socket their values are 0."""
    async with begin() as db:
        source = text("SELECT DISTINCT source FROM pg_settings WHERE name = ANY(:names)")
        [source] = await db.scalars(source, {"names": list(PROBES)})
        return [*[await db.scalar(text(f"SHOW {name}")) for name in NAMES], source]


async def test_the_server_knows_the_limits_of_processes_of_commands_and_of_the_webhook(postgresql_url, database):
    process, command = Database.open(postgresql_url, statement_limit=STATEMENT_LIMIT), Database.open(postgresql_url)
    webhook = process.dedicated(Limits(statement=2.5, lock=0.5))
    assert await settings(process.begin) == ["61s", "10s", "20s", "client"]
    assert await settings(command.begin) == ["0", "0", "0", "client"]
    assert await settings(webhook.writing) == ["3500ms", "500ms", "0", "client"]
    for each in (webhook, command, process):
        await each.close()


async def locked_by(database):
    """Why a row cannot be inserted."""
    with pytest.raises(DBAPIError) as caught:
        await insert(database)
    return causes.cause(caught.value)


async def insert(database):
    async with database.begin() as db:
        await tenant_state.ensure_rows(db, ["t"])


async def test_rows_that_a_vanished_worker_locked_are_free_when_the_server_ends_its_session(database, postgresql_url):
    impatient = Database.open(postgresql_url, statement_limit=30, lock_limit=0.1)
    async with Link(postgresql_url) as link:
        vanished = Database.open(link.url, statement_limit=30, idle_limit=1)

        async def vanish():
            async with vanished.begin() as db:
                await tenant_state.ensure_rows(db, ["t"])
                link.silent = True
                assert await locked_by(impatient) == causes.LOCK
                await insert(database)  # returns once the server has ended the session of the vanished one
                link.cut()

        with pytest.raises((DBAPIError, OSError)):
            await vanish()
        await vanished.close()
    await impatient.close()


async def test_after_a_failover_a_connection_to_a_server_that_became_read_only_is_replaced(postgresql_url, database):
    process = Database.open(postgresql_url, pool=1)
    webhook = process.dedicated(Limits(statement=2.5))
    for begin in (process.begin, webhook.writing):
        async with begin() as db:
            await db.execute(text("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY"))
        with pytest.raises(DBAPIError) as caught:
            async with begin() as db:
                await tenant_state.ensure_rows(db, ["t"])
        assert causes.cause(caught.value) == causes.READ_ONLY
        async with begin() as db:
            await tenant_state.ensure_rows(db, ["t"])
    await webhook.close()
    await process.close()


async def test_a_pooler_that_refuses_unknown_settings_gets_them_afterwards(postgresql_url, database, monkeypatch):
    connect = asyncpg.connect

    async def pgbouncer(*given, server_settings, **named):
        if set(server_settings) != {"application_name"}:
            raise asyncpg.ProtocolViolationError("unsupported startup parameter: lock_timeout")
        return await connect(*given, server_settings=server_settings, **named)

    monkeypatch.setattr(asyncpg, "connect", pgbouncer)
    connection = await postgresql.connect(postgresql_url, Limits(statement=2, lock=0.5, idle=4))
    assert [await connection.fetchval(f"SHOW {name}") for name in NAMES[:3]] == ["3s", "500ms", "4s"]
    await connection.close()
