"""Whatever value stands where: the typed columns, the document, /v1.0 and the exports agree, on both databases."""

import csv
import json
from datetime import UTC, datetime
from itertools import count

import pyarrow.parquet
import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy import delete

from app import wire
from app.archive.documents import codec
from app.archive.parse.record import RecordBuilder
from app.archive.schema import graph_types, tables
from app.archive.schema.graph_types import Kind
from app.db import metadata
from app.export.formats import Format
from app.export.run import export
from app.export.tables import DATASETS
from tests.archive.records import CALL, NOW, TENANT, rows_of, save
from tests.flow.hostile_values import hostile_records
from tests.some import some
from tests.web.application import KEY, calling
from tests.web.conftest import app, metrics  # noqa: F401 -- fixtures

pytestmark = pytest.mark.anyio

TYPED = (tables.call_records, *tables.CHILDREN)
JSON_COLUMNS = {
    field.column
    for shape in (graph_types.CALL_RECORD, graph_types.SESSION, graph_types.SEGMENT)
    for field in shape
    if field.kind is Kind.JSON
}
EXPANDED = f"/v1.0/communications/callRecords/{CALL}?$expand=sessions($expand=segments),participants_v2"

_folders = count()


@pytest.fixture
async def api(app):  # noqa: F811 -- the fixture that was imported
    async with calling(app, key=KEY) as client:
        yield client


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(drawn=hostile_records())
async def test_every_value_is_the_same_wherever_it_is_read(database, api, tmp_path, drawn):
    record, wanted = drawn
    raw = json.dumps(record).encode()
    await emptied(database)
    builder = RecordBuilder(TENANT, CALL)
    builder.begin(wire.parsed(raw), raw)
    done = builder.finish(NOW)
    await save(database, done)

    stored = {str(table.name): await rows_of(database, table) for table in TYPED}
    assert_columns(stored, wanted)
    assert codec.unpack(done.document) == raw
    served = await api.get(EXPANDED)
    assert served.status_code == 200, served.text
    assert_holds(json.loads(served.content), record)
    for form in Format:
        await assert_exported(database, tmp_path / f"{next(_folders)}", form, stored, raw)


async def emptied(database):
    """The database is that of all examples."""
    async with database.begin() as db:
        for table in metadata.sorted_tables:
            if table.name in {*map(str, (one.name for one in TYPED)), "documents", "people", "call_people"}:
                await db.execute(delete(table))
            if table.name in {"call_counts", "count_changes", "counted_values", "hour_counts", "day_counts"}:
                await db.execute(delete(table))


def assert_columns(stored, wanted):
    for table, rows in some(wanted.items()):
        assert len(stored[table]) == len(rows)
        for found, row in some(zip(by_side(stored[table]), by_side(rows), strict=True)):
            assert {column: value_of(column, found[column]) for column in row} == row


def by_side(rows):
    return sorted(rows, key=lambda row: str(row.get("side")))


def value_of(column, value):
    return json.loads(value) if column.endswith(tuple(JSON_COLUMNS)) and isinstance(value, str) else value


def assert_holds(served, given_, path="record"):
    """All that Graph wrote, to the digit; the answer may add annotations."""
    if isinstance(given_, dict):
        assert isinstance(served, dict), path
        for name, value in given_.items():
            assert name in served, f"{path}.{name}"
            assert_holds(served[name], value, f"{path}.{name}")
    elif isinstance(given_, list):
        assert len(served) == len(given_), path
        for number, (one, other) in enumerate(zip(served, given_, strict=True)):
            assert_holds(one, other, f"{path}[{number}]")
    else:
        assert (served, type(served)) == (given_, type(given_)), path


async def assert_exported(database, out, form, stored, raw):
    await export(database, out, form)
    exported = {name: read(next((out / name).rglob(f"*.{form.value}")), form) for name in stored if stored[name]}
    assert exported.keys() >= {"call_records", "sessions", "segments", "media", "streams", "trace_route_hops"}
    for name, rows in exported.items():
        own = [str(column.name) for column in DATASETS[name].columns if column.table.name == name]
        for found, row in some(zip(rows, stored[name], strict=True)):
            assert {column: found[column] for column in own} == {column: as_in(form, row[column]) for column in own}
    (document,) = read(next((out / "documents").rglob(f"*.{form.value}")), form)
    if form is Format.ndjson:
        assert document["document"] == json.loads(raw)
    else:
        assert document["document"] == raw.decode()


def read(file, form):
    match form:
        case Format.parquet:
            return pyarrow.parquet.read_table(file).to_pylist()
        case Format.ndjson:
            return [json.loads(line) for line in file.read_bytes().splitlines()]
        case Format.csv:
            csv.field_size_limit(10**8)
            with file.open(encoding="utf-8", newline="") as lines:
                return list(csv.DictReader(lines))


def as_in(form, value):
    """How a value of the database stands in a file of this format."""
    if form is Format.csv:
        return as_cell(value)
    if form is Format.ndjson and isinstance(value, datetime):
        return iso(value, ".%f" if value.microsecond else "")
    return value


def as_cell(value):
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case datetime():
            return iso(value, ".%f")
        case str():
            return f"'{value}" if value.startswith(("=", "+", "-", "@", "\t", "\r", "'")) else value
    return repr(value)


def iso(moment, fraction):
    return moment.astimezone(UTC).strftime(f"%Y-%m-%dT%H:%M:%S{fraction}Z")
