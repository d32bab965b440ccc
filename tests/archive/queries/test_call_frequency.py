"""How long a silence is normal: a percentile of the gaps between calls, read from the index."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import text

from app.archive.queries import call_frequency
from app.archive.queries.call_frequency import latest_starts, normal_silence
from tests.archive.records import a_call_record, kept, save

NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)
M, H, D = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
TENANT = "00000000-0000-4000-8000-00000000aaaa"


def calls(*gaps):
    """Latest first."""
    starts = [NOW]
    for gap in gaps:
        starts.append(starts[-1] - gap)
    return starts


@pytest.mark.parametrize(
    ("starts", "normal"),
    [
        ([], 24 * H),
        (calls(), 24 * H),
        (calls(M, M), 24 * H),  # too few to tell
        (calls(5 * D, M), 5 * D),
        (calls(*[M] * 999), 3 * H),  # busy: what comes late must be waited for all the same
        (calls(*[M] * 990, *[10 * H] * 9), 3 * H),  # its nights are one gap in a hundred
        (calls(*[M] * 989, *[10 * H] * 10), 10 * H),
        (calls(*[2 * H] * 80, *[15 * H] * 15, *[63 * H] * 4), 63 * H),  # a small one knows its weekends
        (list(reversed(calls(*[4 * H] * 50))), 4 * H),
    ],
)
def test_what_is_normal(starts, normal):
    assert normal_silence(starts) == normal


@pytest.mark.anyio
async def test_the_last_calls_of_the_tenant_count_and_no_others(database, monkeypatch):
    monkeypatch.setattr(call_frequency, "LAST", 3)
    for hour in (1, 4, 2, 3):
        await save(
            database, kept(a_call_record(id=str(uuid4()), startDateTime=(NOW - hour * H).isoformat()), tenant=TENANT)
        )
    await save(database, kept(a_call_record(startDateTime=NOW.isoformat()), tenant=TENANT.replace("a", "b")))
    async with database.reading() as db:
        assert await latest_starts(db, TENANT) == [NOW - hour * H for hour in (1, 2, 3)]


@pytest.mark.anyio
async def test_they_are_read_from_the_index(database):
    explain = "EXPLAIN QUERY PLAN" if database.dialect == "sqlite" else "EXPLAIN"
    query = "SELECT ordered_at FROM call_records WHERE tenant_id = 't' ORDER BY ordered_at DESC, key DESC LIMIT 1000"
    async with database.begin() as db:
        if database.dialect == "postgresql":
            await db.execute(text("SET LOCAL enable_seqscan = off"))  # of a table this small any plan is as good
            await db.execute(text("SET LOCAL enable_bitmapscan = off"))
        plan = " ".join(str(row) for row in await db.execute(text(f"{explain} {query}")))
    assert "ix_call_records_tenant_id_ordered_at_key" in plan
    assert "Sort" not in plan
    assert "TEMP B-TREE" not in plan
