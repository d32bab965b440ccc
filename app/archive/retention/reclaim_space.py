"""Gives back the space of deleted and replaced rows, and destroys what they still hold there.

A deleted row's bytes stay in the file until their space is used again. Only a table that is rewritten is free of
them; whatever copies were made before (backups, replicas, PostgreSQL's archived WAL) is out of our reach.
"""

import asyncio
from contextlib import suppress
from typing import Any

from app.archive.schema.tables import CHILDREN
from app.db import Database

# Every table that can name a person or a device. All of them, because an erasure that was broken off and run again no
# longer finds the rows that it rewrote before.
PERSONAL = (
    "audit",
    "call_counts",
    "call_log_row_versions",
    "call_log_rows",
    "call_people",
    "call_records",
    "call_tallies",
    "count_changes",
    "counted_values",
    "day_counts",
    "day_tallies",
    "directory",
    "documents",
    "erasure_requests",
    "hour_counts",
    "inbox",
    "people",
    *(table.name for table in CHILDREN),
)
# PostgreSQL's most frequent values of each column: ANALYZE replaces its rows, and leaves the old ones behind.
STATISTICS = "pg_catalog.pg_statistic"

WAIT = 60.0  # seconds for transactions of others that began before the deletion
PAUSE = 0.25  # seconds
AS_LONG_AS_IT_TAKES = 86_400.0  # seconds; without it a limit that is set for other statements holds


async def rebuild(database: Database, tables: list[str], *, wait: float = WAIT) -> bool:
    """Rewrite the file (SQLite) or these tables (PostgreSQL); other writers are blocked meanwhile.

    False where another process still reads a state of before after ``wait`` seconds, so that the database must store
    the old rows for it.
    """
    async with database.driver() as driver:
        if database.dialect == "postgresql":
            return await _rebuild_postgresql(driver, sorted({*tables, *PERSONAL}), round(wait / PAUSE))
        return await _rebuild_sqlite(driver, round(wait / PAUSE))


async def remains(database: Database, *, rebuilt: bool) -> list[str]:
    """What PostgreSQL still has of replaced rows, where, and for how long; nothing on SQLite."""
    if database.dialect == "sqlite":
        return []
    async with database.driver() as driver:
        size, checkpoint, archive = [
            await driver.fetchval("SELECT current_setting($1)", name)
            for name in ("max_wal_size", "checkpoint_timeout", "archive_mode")
        ]
        can_rewrite = await driver.fetchval("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        owns = await driver.fetchval(
            "SELECT pg_has_role(datdba, 'USAGE') FROM pg_database WHERE datname = current_database()"
        )
    lines = (
        [] if rebuilt else ["tables: the old rows stay in their pages until these are reused; --rebuild removes them"]
    )
    if not (rebuilt and (can_rewrite or owns)):
        lines.append(
            f"{STATISTICS}: old statistics stay until its pages are reused; run `VACUUM FULL {STATISTICS}` as a"
            " superuser or as the owner of the database"
        )
    kept = "; archived WAL for as long as you store it (archive_mode is on)" if archive != "off" else ""
    lines.append(
        f"pg_wal: the old rows stay in write-ahead log on the disk. A checkpoint ({checkpoint} at most) releases it,"
        f" and PostgreSQL overwrites the released files as it writes up to {size} more (max_wal_size){kept}"
    )
    return lines


async def reuse(database: Database, tables: list[str]) -> None:
    """Let PostgreSQL reuse the space now, without blocking others. SQLite does so automatically."""
    if database.dialect == "postgresql":
        async with database.driver() as driver:
            for table in tables:
                await driver.execute(f'VACUUM (ANALYZE) "{table}"', timeout=AS_LONG_AS_IT_TAKES)


async def _rebuild_postgresql(driver: Any, tables: list[str], tries: int) -> bool:
    ended = await _older_transactions_ended(driver, tries)
    for table in tables:
        await driver.execute(f'VACUUM (FULL, ANALYZE) "{table}"', timeout=AS_LONG_AS_IT_TAKES)
        await _drop_statistics_of_empty(driver, table)
    ended = await _older_transactions_ended(driver, tries) and ended  # ANALYZE replaced statistics
    await driver.execute(f"VACUUM (FULL) {STATISTICS}", timeout=AS_LONG_AS_IT_TAKES)
    return ended


async def _drop_statistics_of_empty(driver: Any, table: str) -> None:
    """ANALYZE leaves the statistics of a table without rows as they were; a change of a column's type drops them."""
    if await driver.fetchval(f'SELECT EXISTS (SELECT FROM "{table}")'):  # noqa: S608 -- a name from PERSONAL
        return
    columns = await driver.fetch(
        "SELECT a.attname, format_type(a.atttypid, a.atttypmod) AS type FROM pg_attribute a JOIN pg_stats s"
        " ON s.schemaname = current_schema() AND s.tablename = $1 AND s.attname = a.attname"
        " WHERE a.attrelid = quote_ident($1)::regclass",
        table,
    )
    import asyncpg  # noqa: PLC0415 -- only where the database is PostgreSQL, and it costs 8 MB

    for name, kind in columns:
        with suppress(asyncpg.FeatureNotSupportedError):  # a view reads the column: its next rows replace them
            await driver.execute(f'ALTER TABLE "{table}" ALTER COLUMN "{name}" TYPE {kind}')


async def _older_transactions_ended(driver: Any, tries: int) -> bool:
    """VACUUM copies deleted rows that a transaction from before may still see.

    That is one of this database with a snapshot, such as one of autovacuum, and any that writes, in any database of the
    server: new snapshots, the one of VACUUM FULL too, begin with the oldest of these.
    """
    next_number = await driver.fetchval("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint")
    readers = await _readers(driver)
    for attempt in range(tries + 1):
        if attempt:
            await asyncio.sleep(PAUSE)
            readers &= await _readers(driver)
        if not readers and await _oldest_running(driver) >= next_number:
            return True
    return False


async def _oldest_running(driver: Any) -> int:
    """The number of the oldest transaction that writes, of any role; the next number where there is none.

    https://www.postgresql.org/docs/current/functions-info.html#FUNCTIONS-INFO-SNAPSHOT
    """
    number: int = await driver.fetchval("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
    return number


async def _readers(driver: Any) -> set[tuple[Any, ...]]:
    """Transactions of this database with a snapshot. PostgreSQL hides those of other roles from an ordinary role.

    https://www.postgresql.org/docs/current/monitoring-stats.html#MONITORING-PG-STAT-ACTIVITY-VIEW
    """
    rows = await driver.fetch(
        "SELECT pid, xact_start FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        " AND backend_xmin IS NOT NULL"
    )
    return {tuple(row) for row in rows}


async def _rebuild_sqlite(driver: Any, tries: int) -> bool:
    await driver.execute("PRAGMA temp_store=FILE")  # in memory it would contain the complete archive
    try:
        await driver.execute("VACUUM")
        for _ in range(tries):
            cursor = await driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            busy, *_ = await cursor.fetchone()
            if not busy:
                return True
            await asyncio.sleep(PAUSE)
        return False
    finally:
        await driver.execute("PRAGMA temp_store=MEMORY")
