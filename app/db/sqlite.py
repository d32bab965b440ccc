"""How a connection to SQLite is prepared: durable, and alone when it writes."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from functools import cache
from math import inf
from pathlib import Path
from sqlite3 import OperationalError
from time import monotonic
from typing import Any
from urllib.parse import quote

import aiosqlite
from sqlalchemy import URL, Dialect, event
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.util import await_only

STEPS = 20_000  # of SQLite's virtual machine, between two looks at the clock
BUSY = timedelta(seconds=10)  # how long SQLite waits for another process that writes


def prepare(engine: AsyncEngine, begin: str, *pragmas: str) -> None:
    """Each transaction of the engine begins with ``begin``; the pragmas come on top of the usual ones."""
    settings = [
        f"PRAGMA busy_timeout={int(BUSY.total_seconds() * 1000)}",
        "PRAGMA synchronous=FULL",
        "PRAGMA foreign_keys=ON",
        "PRAGMA temp_store=MEMORY",
        "PRAGMA cache_size=-16000",  # KiB
        *pragmas,
    ]

    @event.listens_for(engine.sync_engine, "connect")
    def _connect(connection: Any, _: Any) -> None:
        connection.isolation_level = None  # the driver must not begin transactions on its own
        cursor = connection.cursor()
        for setting in settings:
            cursor.execute(setting)
        _write_ahead(cursor)
        cursor.close()

    @event.listens_for(engine.sync_engine, "invalidate")
    def _invalidate(connection: Any, _record: Any, _error: BaseException | None) -> None:
        # A cancelled task leaves a cursor in its traceback, and with a cursor SQLite closes a connection only in
        # name: its transaction would block every other writer until the traceback is released.
        with suppress(Exception):
            connection.rollback()

    @event.listens_for(engine.sync_engine, "begin")
    def _begin(connection: Any) -> None:
        connection.exec_driver_sql(begin)


def limit_statements(engine: AsyncEngine, seconds: float) -> None:
    """A statement that takes longer is interrupted, which is an OperationalError."""

    @event.listens_for(engine.sync_engine, "connect")
    def _watch(connection: Any, record: Any) -> None:
        info: dict[str, float] = record.info
        handler = _is_over(info)
        await_only(connection.driver_connection.set_progress_handler(handler, STEPS))

    @event.listens_for(engine.sync_engine, "before_cursor_execute")
    def _begin(connection: Any, *_: Any) -> None:
        connection.info["until"] = monotonic() + seconds


def _is_over(info: dict[str, float]) -> Callable[[], bool]:
    return lambda: monotonic() > info.get("until", inf)


def stop_once(engine: AsyncEngine) -> set[asyncio.Future[None]]:
    """Each connection of the engine stops once; what is to be waited for when the engine is closed."""
    stopping: set[asyncio.Future[None]] = set()

    @event.listens_for(engine.sync_engine, "do_connect")
    def _open(dialect: Dialect, _record: Any, given: Sequence[Any], named: dict[str, Any]) -> Any:
        return dialect.connect(*given, async_creator_fn=lambda *a, **n: _made(stopping, *a, **n), **named)

    return stopping


def _made(stopping: set[asyncio.Future[None]], *given: Any, **named: Any) -> aiosqlite.Connection:
    """A connection, not open yet.

    A second stop waits for the first. SQLAlchemy stops a connection whose closing was cancelled, while that closing
    continues and stops it too: aiosqlite's thread has then ended and cannot answer, and the program would never end.
    """
    driver: Any = aiosqlite.connect(*given, **named)
    driver._thread.daemon = True  # noqa: SLF001 -- as SQLAlchemy has it: a forgotten one keeps no program alive
    stop: Callable[[], asyncio.Future[None] | None] = driver.stop

    @cache
    def first() -> asyncio.Future[None] | None:
        if ended := stop():
            stopping.add(ended)
            ended.add_done_callback(stopping.discard)
        return ended

    def again() -> asyncio.Future[None] | None:
        ended = first()
        return asyncio.shield(ended) if ended else None

    driver.stop = again
    made: aiosqlite.Connection = driver
    return made


def readonly_url(url: URL) -> URL:
    """The URL of the same file for a reader that leaves no files behind."""
    file = Path(url.database or "").absolute()
    query = {"mode": "ro", "uri": "true"}
    if not file.with_name(f"{file.name}-wal").exists():
        # No process has it open. An ordinary reader would create the -wal and -shm files, and not delete them.
        query["immutable"] = "1"
    return URL.create("sqlite+aiosqlite", database=f"file:{quote(str(file))}", query=query)


def _write_ahead(cursor: Any) -> None:
    """Switch the file to WAL. SQLite does not wait for others here, busy_timeout or not: so we do."""
    end = monotonic() + BUSY.total_seconds()
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
        except OperationalError:
            if monotonic() > end:
                raise
            await_only(asyncio.sleep(0.05))
        else:
            return
