"""`callkeeper export`: what it prints, and how it refuses."""

import asyncio
import sys

import orjson
import pytest

from app.db import Database
from tests.export.archive import some_days


@pytest.fixture
def stored(migrated_file):
    async def store():
        database = Database.open(f"sqlite:///{migrated_file}")
        await some_days(database)
        await database.close()

    asyncio.run(store())


def test_it_prints_what_it_wrote_and_then_that_nothing_changed(callkeeper, stored, tmp_path):
    out = str(tmp_path / "out")
    done = callkeeper("export", "--format", "parquet", "--out", out, "--json")
    assert (done.status, done.err) == (0, "")
    first = orjson.loads(done.out)[0]
    assert (first["table"], first["days"], first["rows"], first["bytes"] > 0) == ("call_records", 2, 3, True)
    assert "Nothing has changed" in callkeeper("export", "--format", "parquet", "--out", out).out


def test_since_takes_a_duration_or_a_time(callkeeper, stored, tmp_path):
    def days(number, *options):
        done = callkeeper("export", "--format", "csv", "--out", str(tmp_path / str(number)), "--json", *options)
        return [row["days"] for row in orjson.loads(done.out) if row["table"] == "call_records"]

    assert days(1, "--since", "1h") == []
    assert days(2, "--since", "2026-03-01T11:59:00Z", "--until", "2026-03-01T12:01:00Z") == [2]


@pytest.mark.parametrize("options", [["--since", "then"], ["--table", "secrets"], ["--format", "xml"]])
def test_wrong_options_are_one_line(callkeeper, tmp_path, options):
    given = ["--format", "csv", "--out", str(tmp_path / "out"), *options]
    done = callkeeper("export", *given)
    assert (done.status, done.out, done.err.count("\n")) == (2, "", 1)
    assert options[1] in done.err


def test_without_pyarrow_it_says_what_to_install(callkeeper, stored, tmp_path, monkeypatch):
    for module in ("pyarrow", "pyarrow.parquet"):
        monkeypatch.setitem(sys.modules, module, None)
    done = callkeeper("export", "--format", "parquet", "--out", str(tmp_path / "out"))
    assert (done.status, "pip install 'callkeeper[parquet]'" in done.err) == (1, True)
    assert not (tmp_path / "out").exists()
