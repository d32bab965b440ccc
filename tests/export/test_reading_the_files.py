"""DuckDB, pyarrow and the csv module read what was written, and find what the database has."""

import csv
import math

import duckdb
import orjson
import pyarrow.parquet
import pytest
from sqlalchemy import func, select

from app.archive.schema import tables
from app.export.tables import DATASETS
from tests.archive.records import rows_of
from tests.export.archive import FORMATS, counts, exported, some_days
from tests.some import some

pytestmark = pytest.mark.anyio

READ = {"parquet": "read_parquet", "ndjson": "read_json_auto", "csv": "read_csv"}


def the_only_row(query):
    (row,) = duckdb.sql(query).fetchall()
    return row


def asked(out, form, table, what="count(*)"):
    source = f"{READ[form]}('{out}/{table}/*/*.{form}', hive_partitioning = true)"
    return the_only_row(f"SELECT {what} FROM {source}")


@pytest.mark.parametrize("form", FORMATS)
async def test_duckdb_finds_every_row_of_every_table(database, tmp_path, form):
    await some_days(database)
    out = tmp_path / "out"
    await exported(database, out, form)
    found = {table: asked(out, form, table)[0] for table in DATASETS if (out / table).exists()}
    wanted = {table: count for table, count in (await counts(database)).items() if count}
    assert found == wanted | {"documents": 3}


@pytest.mark.parametrize("form", FORMATS)
async def test_duckdbs_sums_are_the_databases(database, tmp_path, form):
    await some_days(database)
    out = tmp_path / "out"
    await exported(database, out, form)
    s = tables.streams.c
    async with database.reading() as db:
        sums = select(func.sum(s.packet_utilization), func.sum(s.average_jitter), func.count(s.was_media_bypassed))
        wanted = tuple((await db.execute(sums)).one())
        seconds = await db.scalar(select(func.sum(tables.call_records.c.duration_seconds)))
    what = "sum(packet_utilization), sum(average_jitter), count(was_media_bypassed)"
    assert all(some(map(math.isclose, asked(out, form, "streams", what), wanted)))
    assert math.isclose(asked(out, form, "call_records", "sum(duration_seconds)")[0], seconds)


@pytest.mark.parametrize("form", FORMATS)
async def test_children_find_their_call_without_our_numbers(database, tmp_path, form):
    await some_days(database)
    out = tmp_path / "out"
    await exported(database, out, form)
    source = f"{READ[form]}('{out}/{{}}/*/*.{form}', hive_partitioning = true)"
    joined = f"{source.format('streams')} s JOIN {source.format('call_records')} c USING (tenant_id, call_id, version)"
    assert the_only_row(f"SELECT count(*) FROM {joined}") == asked(out, form, "streams")
    names = duckdb.sql(f"SELECT * FROM {source.format('streams')} LIMIT 0").columns
    assert names[:3] == ["tenant_id", "call_id", "version"]
    assert "call_key" not in names


async def test_a_day_holds_the_calls_that_began_on_it_in_utc(database, tmp_path):
    await some_days(database)
    await exported(database, tmp_path, "parquet")
    days = {
        day.name: pyarrow.parquet.read_metadata(day / "part-0.parquet").num_rows
        for day in (tmp_path / "call_records").iterdir()
    }
    assert days == {"day=2026-02-01": 2, "day=2026-02-02": 1}


async def test_parquet_has_the_right_types_and_is_packed_with_zstd(database, tmp_path):
    await some_days(database)
    await exported(database, tmp_path, "parquet")
    file = pyarrow.parquet.ParquetFile(tmp_path / "streams/day=2026-02-01/part-0.parquet")
    types = {field.name: str(field.type) for field in file.schema_arrow}
    assert {types[name] for name in ("start_date_time", "average_jitter", "packet_utilization", "audio_codec")} == {
        "timestamp[us, tz=UTC]", "double", "int64", "large_string",
    }  # fmt: skip
    assert types["was_media_bypassed"] == "bool"
    assert file.metadata.row_group(0).column(0).compression == "ZSTD"


async def test_documents_are_the_records_themselves(database, tmp_path):
    await some_days(database)
    await exported(database, tmp_path, "ndjson")
    lines = (tmp_path / "documents/day=2026-02-01/part-0.ndjson").read_bytes().splitlines()
    rows = [orjson.loads(line) for line in lines]
    assert [row["document"]["id"] for row in rows] == [row["call_id"] for row in rows]
    assert b'"2026-02-25T18:52:21.2169889Z"' in lines[0]


async def test_ndjson_moments_are_utc_with_microseconds(database, tmp_path):
    await some_days(database)
    await exported(database, tmp_path, "ndjson")
    (row, *_) = (tmp_path / "streams/day=2026-02-01/part-0.ndjson").read_bytes().splitlines()
    assert orjson.loads(row)["start_date_time"] == "2026-02-25T18:52:21.216988Z"


async def test_no_cell_of_a_csv_begins_a_formula_and_the_text_can_be_had_back(database, tmp_path):
    await some_days(database)
    await exported(database, tmp_path, "csv")
    with (tmp_path / "participants/day=2026-02-01/part-0.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    stored = [row for row in await rows_of(database, tables.participants) if row["identity_id"] == "+4930123456"]
    (odd,) = [row for row in rows if row["identity_id"] == "'+4930123456"]
    assert odd["identity_display_name"] == "'" + stored[0]["identity_display_name"]
    assert not [cell for row in rows for cell in row.values() if cell.startswith(("=", "+", "@", "\t", "\r"))]


async def test_csv_ends_its_lines_as_rfc_4180_says_and_tells_empty_from_missing(database, tmp_path):
    await some_days(database)
    await exported(database, tmp_path, "csv")
    header, first, *_ = (tmp_path / "call_records/day=2026-02-02/part-0.csv").read_bytes().split(b"\r\n")
    assert header.startswith(b"tenant_id,call_id,version,type,join_web_url,")
    assert b',"peerToPeer",,' in first


@pytest.mark.parametrize("form", FORMATS)
async def test_the_rule_set_stands_beside_each_verdict(database, tmp_path, form):
    await some_days(database)
    out = tmp_path / "out"
    tables = ["call_records", "sessions", "segments", "media", "streams"]
    await exported(database, out, form, tables=tables)
    found = {table: asked(out, form, table, "DISTINCT quality_rules") for table in tables}
    assert found == dict.fromkeys(tables, ("cqd-2024-10",))
