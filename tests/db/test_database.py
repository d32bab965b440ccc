import asyncio
import gc
import sqlite3
from datetime import UTC, datetime, timedelta, timezone
from urllib.parse import unquote

import asyncpg
import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError, StatementError

from app import db as app_db
from app.db import Database, lease, now
from app.inbox import tenant_state
from tests.some import some

pytestmark = pytest.mark.anyio

MOMENT = datetime(2026, 1, 31, 9, 5, 0, 123456, tzinfo=UTC)


async def marked(database, moment):
    """What comes back of a moment that was stored."""
    async with database.begin() as db:
        await tenant_state.ensure_rows(db, ["t"])
        await tenant_state.mark(db, "t", kept_at=moment)
    async with database.reading() as db:
        return (await tenant_state.find(db, "t")).kept_at


async def names(database):
    async with database.reading() as db:
        return list(await db.scalars(select(tenant_state.tenants.c.tenant_id)))


async def test_a_time_without_a_zone_is_refused(database):
    with pytest.raises(StatementError, match="has no time zone"):
        await marked(database, MOMENT.replace(tzinfo=None))


async def test_a_time_with_an_offset_comes_back_as_the_same_moment_in_utc_with_its_microseconds(database, subtests):
    for hours in [-11, -5.5, 0, 1, 14]:
        with subtests.test(hours=hours):
            local = MOMENT.astimezone(timezone(timedelta(hours=hours)))
            stored = await marked(database, local)
            assert stored == MOMENT
            assert stored.utcoffset() == timedelta()


@pytest.mark.parametrize(
    "moment", [datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC), MOMENT.replace(microsecond=0)]
)
async def test_the_first_and_the_last_moment_and_a_whole_second_come_back_too(database, moment):
    assert await marked(database, moment) == moment


async def test_moments_are_compared_as_moments_by_the_database(database):
    await marked(database, MOMENT.replace(microsecond=0))
    later = MOMENT.replace(microsecond=1).astimezone(timezone(timedelta(hours=-9)))
    async with database.reading() as db:
        found = await db.execute(select(tenant_state.tenants).where(tenant_state.tenants.c.kept_at < later))
    assert len(found.all()) == 1


async def test_a_hundred_concurrent_read_then_write_increments_lose_none(database):
    await marked(database, MOMENT)
    row = select(tenant_state.tenants.c.kept_total).where(tenant_state.tenants.c.tenant_id == "t").with_for_update()

    async def increment():
        async with database.begin() as db:
            before = await db.scalar(row)
            await tenant_state.mark(db, "t", kept_total=before + 1)

    await asyncio.gather(*(increment() for _ in range(100)))
    async with database.reading() as db:
        assert (await tenant_state.find(db, "t")).kept_total == 100


async def test_now_is_the_clock_of_the_database_not_that_of_this_process(database, time_machine):
    time_machine.move_to(datetime(2001, 1, 1, tzinfo=UTC), tick=True)
    async with database.reading() as db:
        [[clock]] = await db.execute(select(now()))
    assert clock > datetime(2025, 1, 1, tzinfo=UTC)


MOVES = [timedelta(days=30), timedelta(minutes=-1), timedelta(seconds=0.25), timedelta(microseconds=-1)]


async def test_now_is_moved_by_what_is_asked(database, subtests):
    for after in MOVES:
        with subtests.test(after=after):
            async with database.reading() as db:
                [[clock, moved]] = await db.execute(select(now(), now(after)))
            assert abs(moved - clock - after) < timedelta(seconds=0.5)


async def test_a_moment_of_the_database_is_stored_as_one_of_ours(database):
    before = datetime.now(UTC) - timedelta(seconds=1)
    assert before < await marked(database, now()) < before + timedelta(minutes=1)


async def test_a_block_that_fails_leaves_nothing(database):
    async def failing():
        async with database.begin() as db:
            await tenant_state.ensure_rows(db, ["t"])
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await failing()
    assert await names(database) == []


async def test_a_block_that_is_cancelled_leaves_nothing_and_blocks_no_other_block(database):
    inside = asyncio.Event()

    async def endless():
        async with database.begin() as db:
            await tenant_state.ensure_rows(db, ["gone"])
            inside.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(endless())
    await inside.wait()
    task.cancel()
    await asyncio.wait([task])
    await marked(database, MOMENT)
    assert await names(database) == ["t"]


async def test_blocks_cancelled_at_any_point_leave_the_database_usable(database):
    tasks = [asyncio.create_task(marked(database, MOMENT)) for _ in range(40)]
    for task in tasks[::2]:
        await asyncio.sleep(0.001)
        task.cancel()
    done = await asyncio.gather(*tasks, return_exceptions=True)
    assert all(moment == MOMENT or isinstance(moment, asyncio.CancelledError) for moment in some(done))
    assert await marked(database, MOMENT) == MOMENT


async def test_readers_see_what_was_committed_while_another_writes(database):
    async with database.begin() as db:
        await tenant_state.ensure_rows(db, ["t"])
        assert await names(database) == []
    assert await names(database) == ["t"]


async def test_an_error_of_a_statement_does_not_show_its_values(database):
    with pytest.raises(IntegrityError) as caught:
        async with database.begin() as db:
            await db.execute(tenant_state.tenants.insert(), [{"tenant_id": "Adele Vance", "kept_total": 0}] * 2)
    assert "Adele" not in app_db.explain(caught.value)


async def test_sqlite_writes_ahead_and_flushes_each_commit(tmp_path):
    database = Database.open(f"sqlite:///{tmp_path}/new/folder/callkeeper.db")
    async with database.begin() as db:
        pragmas = [await db.scalar(text(f"PRAGMA {p}")) for p in ("journal_mode", "synchronous", "foreign_keys")]
    assert pragmas == ["wal", 2, 1]
    await database.close()


async def test_a_reader_of_sqlite_cannot_write(tmp_path):
    database = Database.open(f"sqlite:///{tmp_path}/callkeeper.db")
    with pytest.raises(Exception, match="readonly"):
        async with database.reading() as db:
            await db.execute(text("CREATE TABLE t (x)"))
    await database.close()


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:"])
async def test_sqlite_in_memory_is_refused_because_two_connections_would_see_two_databases(url):
    with pytest.raises(ValueError, match="needs a file"):
        Database.open(url)


async def failure(url):
    """What opening a connection to this PostgreSQL says."""
    database = Database.open(url)
    with pytest.raises(OSError, match="PostgreSQL") as caught:
        async with database.begin():
            pass
    await database.close()
    return str(caught.value)


async def test_a_postgresql_that_is_not_there_is_an_os_error_that_says_so_without_the_password(free_tcp_port):
    said = await failure(f"postgresql://user:s3cret@127.0.0.1:{free_tcp_port}/callkeeper")
    assert "s3cret" not in said
    assert "PostgreSQL does not answer" in said


async def test_a_postgresql_that_does_not_let_us_in_is_an_os_error_that_says_why(postgresql_url):
    elsewhere = postgresql_url.replace(postgresql_url.split("/")[3].split("?")[0], "no_such_database")
    assert "InvalidCatalogNameError" in await failure(elsewhere)


async def test_a_postgresql_that_keeps_silent_is_an_os_error_with_a_text(monkeypatch):
    async def silent(*_, **__):
        raise TimeoutError

    monkeypatch.setattr(asyncpg, "connect", silent)
    assert "does not answer within" in await failure("postgresql://user@host/db")


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://user:p%40ss%2Fword@host:5433/db?sslmode=verify-full&sslrootcert=/ca.pem",
        "postgresql://user@/db?host=/var/run/postgresql",
        "postgresql:///db?host=/var/run/postgresql&user=callkeeper",
    ],
)
async def test_the_whole_url_of_libpq_reaches_the_driver(url, monkeypatch):
    seen = []

    async def connect(dsn, **_):
        seen.append(unquote(dsn))
        raise OSError("PostgreSQL")

    monkeypatch.setattr(asyncpg, "connect", connect)
    await failure(url)
    assert seen == [unquote(url)]


async def test_the_short_name_postgres_is_taken_too(postgresql_url):
    database = Database.open(postgresql_url.replace("postgresql://", "postgres://"))
    async with database.reading() as db:
        assert await db.scalar(text("SELECT 1")) == 1
    await database.close()


async def test_a_connection_whose_making_is_cancelled_is_closed_and_the_next_in_line_makes_one(database_url):
    for milliseconds in (0, 0.5, 1, 1.5, 2, 3, 5, 8):
        database = Database.open(database_url)
        first, second = (asyncio.create_task(names(database)) for _ in range(2))
        await asyncio.sleep(milliseconds / 1000)
        first.cancel()
        await asyncio.wait([first])
        assert await asyncio.wait_for(second, 10) == []
        await database.close()
    gc.collect()  # what was left open complains now


async def test_a_writer_cancelled_anywhere_in_its_transaction_leaves_the_next_one_free(database):
    async def work():
        while True:
            async with lease.hold(database, "work", "me"), database.reading() as db:
                await db.execute(text("SELECT 1"))

    for moment in range(40):
        working = asyncio.create_task(work())
        await asyncio.sleep(moment / 4000)
        working.cancel()
        async with asyncio.timeout(8):  # less than SQLite would wait for a transaction that nobody ends
            await asyncio.wait([working])
        assert await lease.take(database, f"next-{moment}", "me")


# What is torn from its checking in, as at the end of a program, SQLAlchemy itself clears away, and says so.
CLEARED = pytest.mark.filterwarnings("ignore:The garbage collector is trying to clean up")


@pytest.mark.parametrize("way", [Database.open, pytest.param(Database.open_readonly, marks=CLEARED)])
async def test_whatever_is_cancelled_twice_comes_to_an_end(database_url, way):
    database = way(database_url)

    async def look():
        while True:
            async with database.reading() as db:
                await db.execute(text("SELECT 1"))

    for moment in range(60):
        mine = asyncio.all_tasks()
        looking = asyncio.create_task(look())
        await asyncio.sleep(0.002)
        for _ in range(2):
            looking.cancel()
            for _ in range(moment):
                await asyncio.sleep(0)
        while left := asyncio.all_tasks() - mine:
            for task in left:
                task.cancel()  # as at the end of a program
            _, waiting = await asyncio.wait(left, timeout=5)
            assert not waiting, waiting
    await database.close()
    gc.collect()


async def test_a_new_sqlite_file_that_another_process_is_busy_with_is_waited_for(tmp_path):
    other = sqlite3.connect(tmp_path / "new.db", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    database = Database.open(f"sqlite:///{tmp_path}/new.db")

    async def write():
        async with database.begin() as db:
            return await db.scalar(text("PRAGMA journal_mode"))

    writing = asyncio.create_task(write())
    await asyncio.wait([writing], timeout=0.2)
    other.execute("COMMIT")
    assert await writing == "wal"
    await database.close()
    other.close()
