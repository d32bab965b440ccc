"""Makes many calls of few in a PostgreSQL database that `bench.generate` filled, with statements within the server.

python -m bench.multiply DATABASE_URL TIMES

A copy of a call has another key and id, and begins some microseconds later: hours have TIMES as many calls, and so has
each person. Copies have no sessions and no documents.
"""

import asyncio
import sys
import time

import asyncpg
from sqlalchemy import Table

from app.archive.schema.count_tables import MEASURES, call_counts, day_counts, hour_counts
from app.archive.schema.tables import call_people, call_records, participants

LATER = "ordered_at", "start_date_time", "end_date_time"


async def multiply(url: str, times: int) -> int:
    """How many calls there are afterwards."""
    db = await asyncpg.connect(url)
    await db.execute("SET synchronous_commit = off")
    count: int = await db.fetchval("SELECT max(key) FROM call_records")
    for copy in range(1, times):
        for table, changed in _changes(copy, count).items():
            await db.execute(_copying(table, changed, count))
    for table in (hour_counts, day_counts):
        multiplied = ", ".join(f"{name} = {name} * {times}" for name in MEASURES)
        await db.execute(f"UPDATE {table.name} SET {multiplied}")
    await db.execute("SELECT setval(pg_get_serial_sequence('call_records', 'key'), max(key)) FROM call_records")
    await db.execute("VACUUM (ANALYZE)")
    await db.close()
    return count * times


def _changes(copy: int, count: int) -> dict[Table, dict[str, str]]:
    """Column -> its expression in a copy, by table; other columns are the same."""
    of_call = {"call_key": f"call_key + {copy * count}"}
    later = {name: f"{name} + interval '{copy} microseconds'" for name in LATER}
    own = {"key": f"key + {copy * count}", "call_id": f"md5(call_id || '{copy}')::uuid::text", **later}
    return {
        call_records: own,
        call_people: of_call | {"at": f"at + {copy}"},
        participants: of_call,
        call_counts: of_call,
    }


def _copying(table: Table, changed: dict[str, str], count: int) -> str:
    key = "key" if "key" in changed else "call_key"
    names = [column.name for column in table.columns]
    values = ", ".join(changed.get(name, f'"{name}"') for name in names)
    columns = ", ".join(f'"{name}"' for name in names)
    return f'INSERT INTO "{table.name}" ({columns}) SELECT {values} FROM "{table.name}" WHERE {key} <= {count}'


if __name__ == "__main__":
    begun = time.perf_counter()
    total = asyncio.run(multiply(sys.argv[1], int(sys.argv[2])))
    print(f"{total:,} calls in {time.perf_counter() - begun:.0f} s")
