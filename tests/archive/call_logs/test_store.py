"""Rows of both logs in both databases: each once, earlier contents beside it."""

from datetime import timedelta
from decimal import Decimal

import orjson
import pytest
from sqlalchemy import func, select

from app.archive.call_logs import store
from app.archive.call_logs.store import Saved
from app.archive.documents import codec
from app.archive.schema.call_log_tables import call_log_row_versions, call_log_rows
from tests.archive.call_logs.log_rows import NOW, PSTN, REFUSED, direct_routing, pstn

pytestmark = pytest.mark.anyio
LATER = NOW + timedelta(hours=1)


async def put(database, *rows, now=NOW):
    async with database.begin() as db:
        return await store.put(db, rows, now)


async def stored(database, table=call_log_rows):
    async with database.reading() as db:
        return [dict(row) for row in (await db.execute(select(table).order_by(table.c.revision))).mappings()]


async def test_a_row_is_stored_once_and_earlier_contents_are_versions(database):
    assert await put(database, pstn(), pstn()) == Saved(new=1)
    assert await put(database, pstn(), now=LATER) == Saved(same=1)
    [first] = await stored(database)
    assert (first["revision"], first["last_seen_at"], first["join_due"]) == (1, NOW, True)

    assert await put(database, pstn(charge=0.012345678901), now=LATER) == Saved(changed=1)
    [second] = await stored(database)
    assert second["charge"] == Decimal("0.012345678901")
    assert (second["key"], second["revision"], second["changed_at"]) == (first["key"], 2, LATER)
    assert second["first_seen_at"] == NOW
    [version] = await stored(database, call_log_row_versions)
    assert orjson.loads(codec.unpack(version["document"])) == PSTN
    assert (version["revision"], version["changed_at"], version["replaced_at"]) == (1, NOW, LATER)

    assert await put(database, pstn(), now=LATER) == Saved(changed=1)  # a correction taken back is a third version
    assert [version["revision"] for version in await stored(database, call_log_row_versions)] == [1, 2]


async def test_both_kinds_of_a_tenant_may_have_rows_with_one_id(database):
    saved = await put(database, pstn()) + await put(database, direct_routing(id=PSTN["id"]), direct_routing(REFUSED))
    assert saved == Saved(new=3)
    rows = {(row["kind"], row["row_id"]): row for row in await stored(database)}
    assert len(rows) == 3
    refused = rows["direct_routing", REFUSED["id"]]
    assert (refused["charge"], refused["talk_seconds"], refused["final_sip_code"]) == (None, 0.0, 403)
    assert rows["pstn", PSTN["id"]]["charge"] == Decimal("0.04")


async def test_a_row_that_graph_still_returns_is_seen_again_each_day(database):
    await put(database, pstn())
    await put(database, pstn(), now=NOW + timedelta(days=2))
    [row] = await stored(database)
    assert row["last_seen_at"] == NOW + timedelta(days=2)
    assert row["changed_at"] == NOW


async def test_charges_add_up_exactly_in_the_database(database):
    await put(database, *(pstn(id=f"row-{number}", charge=0.1) for number in range(600)))
    async with database.reading() as db:
        total = await db.scalar(select(func.sum(call_log_rows.c.charge_millionths)))
    assert total == 60_000_000
