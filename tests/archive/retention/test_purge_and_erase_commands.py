"""`callkeeper purge` and `callkeeper erase`: what they print, and how they refuse."""

import asyncio

import orjson
import pytest

from app.db import Database
from tests.archive.records import a_call_record, save
from tests.archive.retention.archived_calls import DOE, NAME, UPN, bytes_of, everywhere, found_in
from tests.sample_settings import TENANT


@pytest.fixture
def url(migrated_file):
    return f"sqlite:///{migrated_file}"


@pytest.fixture
def stored(url):
    def stored(*records):
        async def _store():
            database = Database.open(url)
            await save(database, *records)
            await database.close()

        asyncio.run(_store())

    return stored


def test_erase_leaves_nothing_in_the_file_and_prints_counts_but_no_name(callkeeper, stored, url):
    stored(everywhere())
    stored(everywhere(version=2))
    assert UPN in found_in(asyncio.run(bytes_of(None, url)))
    done = callkeeper("erase", DOE, "--json")
    assert (done.status, done.err) == (0, "")
    assert {row["table"]: row["rows"] for row in orjson.loads(done.out)}["documents"] == 2
    assert found_in(done.out.encode()) == []
    assert found_in(asyncio.run(bytes_of(None, url))) == []


def test_erase_of_an_unknown_person_says_so_and_is_no_error(callkeeper, stored):
    stored(a_call_record())
    done = callkeeper("erase", DOE)
    assert (done.status, "contains nothing about this person" in done.out) == (0, True)


def test_a_dry_run_says_that_nothing_was_changed(callkeeper, stored, url):
    stored(everywhere())
    done = callkeeper("erase", UPN, "--dry-run")
    assert (done.status, "Nothing was changed" in done.out) == (0, True)
    assert UPN in found_in(asyncio.run(bytes_of(None, url)))


def test_in_the_background_erase_returns_at_once_and_the_same_command_finishes_it(callkeeper, stored, url):
    stored(everywhere())
    done = callkeeper("erase", DOE, "--background")
    assert (done.status, "A running `serve` or `worker`" in done.out) == (0, True)
    assert UPN in found_in(asyncio.run(bytes_of(None, url)))
    assert "Erased from 1 call" in callkeeper("erase", DOE).out
    assert found_in(asyncio.run(bytes_of(None, url))) == []
    assert callkeeper("erase", DOE, "--background", "--dry-run").status != 0


@pytest.mark.parametrize("given", [NAME, "ada", " "])
def test_a_name_is_no_id(callkeeper, given):
    done = callkeeper("erase", given)
    assert (done.status != 0, done.out, done.err.count("\n")) == (True, "", 1)
    assert "object id" in done.err


@pytest.mark.parametrize(("age", "said"), [("23h", "at least 1d"), ("soon", "not a duration")])
def test_purge_refuses_less_than_a_day(callkeeper, age, said):
    done = callkeeper("purge", "--older-than", age)
    assert (done.status != 0, said in done.err, done.err.count("\n")) == (True, True, 1)


def test_purge_first_says_and_then_deletes(callkeeper, stored):
    stored(a_call_record())
    asked = callkeeper("purge", "--older-than", "1d", "--dry-run", "--json")
    assert orjson.loads(asked.out) == [{"table": "call_records", "rows": 1}]
    done = callkeeper("purge", "--older-than", "1d", "--rebuild", "--json")
    assert {"table": "streams", "rows": 1} in orjson.loads(done.out)
    assert "No call is that old" in callkeeper("purge", "--older-than", "1d").out


def test_retention_of_less_than_a_day_stops_the_start(callkeeper, environment):
    environment(RETENTION="12h")
    done = callkeeper("inbox")
    assert (done.status, "RETENTION: must be at least 1d" in done.err) == (1, True)


@pytest.mark.parametrize("command", ["purge", "erase", "export"])
def test_help_has_examples(callkeeper, command):
    assert f"callkeeper {command}" in callkeeper(command, "--help").out


def test_erase_lists_the_folders_of_exports_and_rewrites_them_on_request(callkeeper, stored, tmp_path):
    stored(everywhere())
    out = tmp_path / "exported"
    assert callkeeper("export", "--format", "ndjson", "--out", str(out)).status == 0
    done = callkeeper("erase", DOE, "--no-rebuild")
    assert f"export in {out}: run `callkeeper export --format ndjson --out {out}`" in done.out
    assert NAME in found_in(b"".join(file.read_bytes() for file in out.rglob("*.ndjson")))
    again = callkeeper("erase", DOE, "--no-rebuild", "--rewrite-exports")
    assert f"export in {out}: rewritten" in again.out
    assert found_in(b"".join(file.read_bytes() for file in out.rglob("*.ndjson"))) == []


def test_erase_rewrites_an_export_of_one_tenant_for_that_tenant(callkeeper, stored, tmp_path):
    stored(everywhere())
    out = tmp_path / "exported"
    assert callkeeper("export", "--format", "ndjson", "--out", str(out), "--tenant", TENANT).status == 0
    assert f"--out {out} --tenant {TENANT}`" in callkeeper("erase", DOE, "--no-rebuild").out
    again = callkeeper("erase", DOE, "--no-rebuild", "--rewrite-exports")
    assert (again.status, f"export in {out}: rewritten" in again.out) == (0, True)
