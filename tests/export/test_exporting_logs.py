"""`pstn_calls` and `direct_routing_calls`: what the files have, and when they are written again."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import duckdb
import orjson
import pyarrow.parquet
import pytest
from sqlalchemy import update

from app.archive.call_logs import store
from app.archive.erasure.erase_person import erase
from app.archive.parse.call_logs.row import parsed
from app.archive.retention import expired_log_rows
from app.archive.schema.call_log_tables import call_log_rows
from app.archive.schema.tables import call_records
from app.export.folder import ExportError
from tests.archive.call_logs.log_rows import NOW, PSTN, REFUSED, TENANT, USER, direct_routing, pstn
from tests.archive.records import guid
from tests.export.archive import FORMATS, a_call, exported, files, keep
from tests.export.test_reading_the_files import READ

pytestmark = pytest.mark.anyio

LATER = NOW + timedelta(hours=1)
OTHER = "00000000-0000-4000-8000-0000000000bb"


async def put(database, *rows, now=NOW):
    async with database.begin() as db:
        for row in rows:
            await store.put(db, [row], now)


async def some_rows(database):
    """Three days of both logs, with the first and the last moment of a day."""
    await put(
        database,
        pstn(charge=0.1, calleeNumber='=HYPERLINK("x")'),
        pstn(id=guid(2), charge="-123456789012.123456789012", startDateTime="2026-03-03T23:59:59.999999Z"),
        pstn(id=guid(3), startDateTime="2026-03-01T00:00:00Z", endDateTime="2026-03-01T00:01:00Z"),
        direct_routing(),
        direct_routing(REFUSED),
    )


def query(out, form, table, what):
    return duckdb.sql(f"SELECT {what} FROM {READ[form]}('{out}/{table}/*/*.{form}', hive_partitioning = true)")


def days(out, table):
    return sorted(day.name.removeprefix("day=") for day in (out / table).iterdir())


def lines(out, table="pstn_calls"):
    parts = sorted((out / table).rglob("*.ndjson"))
    return [orjson.loads(line) for part in parts for line in part.read_bytes().splitlines()]


@pytest.mark.parametrize("form", FORMATS)
async def test_every_row_is_in_its_log_and_on_the_day_of_its_start(database, tmp_path, form):
    await some_rows(database)
    await exported(database, tmp_path, form)
    assert query(tmp_path, form, "pstn_calls", "count(*)").fetchall() == [(3,)]
    assert query(tmp_path, form, "direct_routing_calls", "count(*), sum(duration)").fetchall() == [(2, 282)]
    assert days(tmp_path, "pstn_calls") == ["2026-03-01", "2026-03-02", "2026-03-03"]
    assert days(tmp_path, "direct_routing_calls") == ["2026-03-02"]
    assert not (await exported(database, tmp_path, form)).days


async def test_charges_are_exact_in_every_format(database, tmp_path, subtests):
    await some_rows(database)
    for form in FORMATS:
        await exported(database, tmp_path / form, form, tables=["pstn_calls"])
    big = Decimal("-123456789012.123456789012")
    column = query(tmp_path / "parquet", "parquet", "pstn_calls", "charge, typeof(charge)").fetchall()
    with subtests.test(form="parquet"):
        assert sorted(column) == [(big, "DECIMAL(24,12)"), *[(Decimal(c), "DECIMAL(24,12)") for c in ("0.04", "0.1")]]
    for form in ("ndjson", "csv"):
        text = b"".join(files(tmp_path / form).values()).decode()
        with subtests.test(form=form):
            assert str(big) in text
            assert f"'{big}" not in text
            assert f'"{big}"' not in text


async def test_parquet_has_moments_numbers_and_texts(database, tmp_path):
    await some_rows(database)
    await exported(database, tmp_path, "parquet")
    schema = pyarrow.parquet.read_schema(tmp_path / "direct_routing_calls/day=2026-03-02/part-0.parquet")
    types = {name: str(schema.field(name).type) for name in ("invite_date_time", "final_sip_code", "trunk")}
    types |= {name: str(schema.field(name).type) for name in ("successful_call", "talk_seconds")}
    assert types == {
        "invite_date_time": "timestamp[us, tz=UTC]",
        "final_sip_code": "int64",
        "trunk": "large_string",
        "successful_call": "bool",
        "talk_seconds": "double",
    }
    assert "charge" not in schema.names  # Direct Routing has none


async def test_a_row_has_graphs_values_and_its_call_once_it_is_joined(database, tmp_path):
    await keep(database, a_call(1, 1))
    await put(database, pstn())
    await exported(database, tmp_path)
    (row,) = lines(tmp_path)
    assert (row["tenant_id"], row["id"], row["log_call_id"]) == (TENANT, PSTN["id"], PSTN["callId"])
    assert (row["start_date_time"], row["charge"]) == ("2026-03-02T08:14:09.441731Z", 0.04)
    assert (row["call_id"], row["join_method"]) == (None, None)
    await _join(database, "heuristic")
    assert (await exported(database, tmp_path)).days == {"pstn_calls": 1}
    assert [(row["call_id"], row["join_method"]) for row in lines(tmp_path)] == [(guid(0x1001), "heuristic")]
    await _join(database, "id")
    await exported(database, tmp_path)
    assert [row["join_method"] for row in lines(tmp_path)] == ["id"]


async def _join(database, method):
    async with database.begin() as db:
        call = call_records.select().with_only_columns(call_records.c.key).scalar_subquery()
        await db.execute(update(call_log_rows).values(call_key=call, join_method=method))


async def test_only_days_with_a_changed_row_are_written_again_and_completely(database, tmp_path):
    await some_rows(database)
    await exported(database, tmp_path)
    await put(database, pstn(charge=0.2, calleeNumber="+4930"), now=LATER)
    again = await exported(database, tmp_path)
    assert (again.days, again.rows["pstn_calls"]) == ({"pstn_calls": 1}, 1)
    assert [row["charge"] for row in lines(tmp_path) if row["id"] == PSTN["id"]] == [0.2]


async def test_since_and_until_choose_days_by_when_their_rows_were_stored(database, tmp_path):
    await some_rows(database)
    await put(database, pstn(id=guid(9), startDateTime="2026-03-05T00:00:00Z"), now=LATER)
    await exported(database, tmp_path, since=LATER)
    assert days(tmp_path, "pstn_calls") == ["2026-03-05"]
    await exported(database, tmp_path / "early", until=LATER)
    assert days(tmp_path / "early", "pstn_calls") == ["2026-03-01", "2026-03-02", "2026-03-03"]


async def test_rows_that_retention_deleted_go_from_the_export_too(database, tmp_path):
    await some_rows(database)
    await exported(database, tmp_path)
    async for _ in expired_log_rows.purge(database, datetime(2026, 3, 3, tzinfo=UTC)):
        pass
    assert (await exported(database, tmp_path)).removed == {"pstn_calls": 2, "direct_routing_calls": 1}
    assert [row["id"] for row in lines(tmp_path)] == [guid(2)]


async def test_who_was_erased_is_gone_from_the_next_export(database, tmp_path):
    await some_rows(database)
    out = tmp_path / "out"
    await exported(database, out)
    assert b"Mira" in b"".join(files(out).values())
    await erase(database, USER)
    await exported(database, out)
    text = b"".join(files(out).values())
    assert [word for word in (b"Mira", USER.encode(), b"9900") if word in text] == []


async def test_one_tenants_folder_has_nothing_of_another_tenant(database, tmp_path):
    await keep(database, a_call(1, 1))
    await put(database, pstn(), parsed(OTHER, "pstn", PSTN, NOW))
    await exported(database, tmp_path, tenant=OTHER)
    assert [row["tenant_id"] for row in lines(tmp_path)] == [OTHER]
    assert not (tmp_path / "call_records").exists()
    with pytest.raises(ExportError, match=r"holds an export of tenant .*bb; name another --out for all tenants"):
        await exported(database, tmp_path)
