"""What calls add to the counts, written in the transaction that saves or removes them: what a call adds is stored with
it, and a change says that it is to be added or subtracted. ``fold`` does that some seconds later.

Changes are rows of their own instead of updates of the counts: several workers that saved calls of one hour would wait
for each other until each of their transactions ended.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import orjson
from sqlalchemy import Dialect, Integer, delete, insert, literal_column, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.dml import Insert

from app.archive.daily import contribution
from app.archive.schema.count_tables import call_counts, count_changes
from app.archive.schema.daily_tables import call_tallies
from app.archive.schema.tables import call_records
from app.db import JsonRows, direct, now
from app.db.direct import Changing, Rows, Steps

CHUNK = 500

Calls = Sequence[tuple[int, Mapping[str, Any], str]]
"""key, the columns of call_records, and the streams by dimension: see call_dimensions"""


def adding(dialect: Dialect, calls: Calls) -> Steps[None]:
    """Insert what new calls add, and the changes that add it. Their own rows must be there."""
    yield Rows(call_counts, [(key, *contribution.of(row, counts)) for key, row, counts in calls])
    change = direct.compiled(_change(dialect.name, 1), dialect)
    yield Changing(change, direct.bound(change, {"rows": _given([key for key, _, _ in calls])}))


async def remove(db: AsyncConnection, call_keys: Sequence[int]) -> None:
    """Delete what these calls add, and insert the changes that subtract it. Their own rows must still be there."""
    for start in range(0, len(call_keys), CHUNK):
        some = call_keys[start : start + CHUNK]
        # First, because the upgrade moves such a row to call_counts: what waits for it must see it there afterwards.
        await db.execute(delete(call_tallies).where(call_tallies.c.call_key.in_(some)))
        await db.execute(_change(db.dialect.name, -1), {"rows": _given(some)})
        await db.execute(delete(call_counts).where(call_counts.c.call_key.in_(some)))


def subtracting(dialect: str) -> Insert:
    """An INSERT of the changes that subtract what the calls add whose keys are given as JSON rows; before they go."""
    return _change(dialect, -1)


@cache
def _change(dialect: str, sign: int) -> Insert:
    """An INSERT of a change for each of the given keys."""
    given = JsonRows(dialect)
    counts, calls = call_counts.c, call_records.c
    key = given.column(0, calls.key.type)
    values = select(calls.tenant_id, counts.hour, literal_column(str(sign), Integer()), counts.counts, now())
    values = values.select_from(given.table).join(call_counts, counts.call_key == key)
    values = values.join(call_records, calls.key == counts.call_key)
    return insert(count_changes).from_select(["tenant_id", "hour", "sign", "counts", "changed_at"], values)


def _given(keys: Sequence[int]) -> str:
    return orjson.dumps([[key] for key in keys]).decode()
