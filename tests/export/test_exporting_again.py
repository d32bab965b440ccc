"""Only what changed is written again, whole days, and nobody ever meets half a file."""

import asyncio
import signal
import sys
from contextlib import suppress
from datetime import timedelta
from shutil import rmtree

import orjson
import pytest
from sqlalchemy import delete

from app.archive.erasure.erase_person import erase
from app.archive.retention import expired_calls
from app.archive.schema import tables
from app.export import days, known_folders
from app.export.folder import ExportError, alone_in, whole
from tests.archive.records import NOW, a_session, guid
from tests.export.archive import FORMATS, a_call, exported, files, keep, some_days

pytestmark = pytest.mark.anyio

LATER = NOW + timedelta(hours=1)


def manifest(out):
    return orjson.loads((out / "_manifest.json").read_bytes())


def call_ids(out, table="call_records"):
    """Of every line of a table, in order."""
    parts = sorted((out / table).rglob("*.ndjson"))
    return [orjson.loads(line)["call_id"] for part in parts for line in part.read_bytes().splitlines()]


@pytest.mark.parametrize("form", FORMATS)
async def test_exporting_twice_writes_nothing_the_second_time(database, tmp_path, form):
    await some_days(database)
    assert (await exported(database, tmp_path, form)).days["call_records"] == 2
    before = {name: content for name, content in files(tmp_path).items() if name != "_manifest.json"}
    assert not (await exported(database, tmp_path, form)).days
    assert {name: content for name, content in files(tmp_path).items() if name != "_manifest.json"} == before


async def test_a_changed_call_makes_its_day_be_written_whole_and_no_other(database, tmp_path):
    await some_days(database)
    await exported(database, tmp_path)
    await keep(database, a_call(1, 2, hour=23, version=2, sessions=[a_session()]), now=LATER)
    again = await exported(database, tmp_path)
    assert (again.days["call_records"], again.rows["call_records"]) == (1, 2)
    assert sorted(call_ids(tmp_path)) == [guid(0x1001), guid(0x1002), guid(0x1003)]
    assert len(call_ids(tmp_path, "sessions")) == 2


async def test_a_call_that_moves_to_another_day_is_on_one_day_only(database, tmp_path):
    await some_days(database)
    await exported(database, tmp_path)
    await keep(database, a_call(5, 3, version=2), now=LATER)
    assert (await exported(database, tmp_path)).removed["call_records"] == 1
    assert sorted(call_ids(tmp_path)) == [guid(0x1001), guid(0x1002), guid(0x1003)]
    assert not (tmp_path / "call_records/day=2026-02-02").exists()


async def test_what_retention_deleted_goes_from_the_export_too(database, tmp_path):
    await some_days(database)
    await exported(database, tmp_path)
    async for _ in expired_calls.purge(database, NOW - timedelta(days=27, hours=12)):
        pass
    await exported(database, tmp_path)
    assert set(manifest(tmp_path)["tables"]["call_records"]["days"]) == {"2026-02-02"}
    assert call_ids(tmp_path) == [guid(0x1003)]


async def test_who_was_erased_is_gone_from_the_next_export(database, tmp_path):
    await some_days(database)
    out = tmp_path / "out"
    await exported(database, out)
    assert any(b"+4930123456" in content for content in files(out).values())
    await erase(database, "+4930123456")
    await exported(database, out)
    assert [name for name, content in files(out).items() if b"+4930123456" in content] == []


async def test_since_and_until_choose_days_by_when_their_calls_were_stored(database, tmp_path):
    await some_days(database)
    await keep(database, a_call(9, 4), now=LATER)
    recent = await exported(database, tmp_path, since=LATER - timedelta(minutes=1))
    assert (recent.days["call_records"], call_ids(tmp_path)) == (1, [guid(0x1004)])
    early = await exported(database, tmp_path, until=LATER)
    assert (early.days["call_records"], len(call_ids(tmp_path))) == (2, 4)


async def test_one_table_alone_and_then_all(database, tmp_path):
    await some_days(database)
    only = await exported(database, tmp_path, tables=["streams"])
    assert (set(only.days), (tmp_path / "call_records").exists()) == ({"streams"}, False)
    rest = await exported(database, tmp_path)
    assert (rest.days["streams"], rest.days["call_records"]) == (0, 2)


async def test_the_manifest_says_what_was_written_up_to_when(database, tmp_path):
    await some_days(database)
    await exported(database, tmp_path)
    found = manifest(tmp_path)
    day = found["tables"]["call_records"]["days"]["2026-02-01"]
    assert (found["format"], found["layout"], found["stored_until"]) == ("ndjson", 1, "2026-03-01T12:00:00Z")
    assert (day["rows"], day["calls"], day["bytes"] > 0) == (2, 2, True)


async def test_another_format_into_one_folder_is_refused(database, tmp_path):
    await exported(database, tmp_path, "csv")
    with pytest.raises(ExportError, match="holds an export as csv"):
        await exported(database, tmp_path, "ndjson")


async def test_two_exports_at_once_into_one_folder_are_refused(database, tmp_path):
    with alone_in(tmp_path), pytest.raises(ExportError, match="another export is writing"):
        await exported(database, tmp_path)


async def test_a_folder_whose_manifest_is_none_is_refused(database, tmp_path):
    (tmp_path / "_manifest.json").write_text('{"format": "ndjson"')
    with pytest.raises(ExportError, match="is not a manifest"):
        await exported(database, tmp_path)


def fails_halfway(file):
    with suppress(ZeroDivisionError), whole(file) as unfinished:
        unfinished.write_text("half")
        _ = 1 / 0
    return True


def test_a_file_that_fails_leaves_the_old_one_and_nothing_else(tmp_path):
    file = tmp_path / "day=1" / "part-0.csv"
    with whole(file) as unfinished:
        unfinished.write_text("old")
    assert fails_halfway(file)
    assert files(tmp_path) == {"day=1/part-0.csv": b"old"}


async def test_a_killed_export_leaves_no_half_file_and_the_next_one_mends(database, tmp_path):
    await some_days(database)
    out = tmp_path / "out"
    script = (
        "import os, pathlib, signal\nfrom app.export.folder import alone_in, whole\n"
        f"with alone_in(pathlib.Path({str(out)!r})), whole(pathlib.Path({str(out)!r}, 'streams/day=2026-02-01/part-0.ndjson')) as file:\n"
        "    file.write_text('{\"half')\n    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    killed = await asyncio.create_subprocess_exec(sys.executable, "-c", script)
    assert await killed.wait() == -signal.SIGKILL
    assert not list(out.rglob("*.ndjson"))
    await exported(database, out)
    assert not list(out.rglob(".*.unfinished"))
    assert len(call_ids(out)) == 3


async def test_a_day_of_more_calls_than_one_batch_is_whole(database, tmp_path, monkeypatch):
    monkeypatch.setitem(days.AT_ONCE, "call_records", 2)
    await keep(database, *[a_call(1, number) for number in range(5)])
    await exported(database, tmp_path)
    assert len(set(call_ids(tmp_path))) == len(call_ids(tmp_path)) == 5


async def test_an_empty_archive_exports_nothing_and_says_so(database, tmp_path):
    assert not (await exported(database, tmp_path)).days
    assert manifest(tmp_path)["tables"] == {}


async def test_files_of_an_older_export_are_for_the_owner_alone_after_the_next_one(database, tmp_path):
    out = tmp_path / "out"
    await some_days(database)
    await exported(database, out, "csv")
    (out / "notes.txt").touch()
    for file in (found for found in out.rglob("*") if found.is_file()):
        file.chmod(0o644)
    await exported(database, out, "csv")
    opened = {str(file.relative_to(out)) for file in out.rglob("*") if file.is_file() and file.stat().st_mode & 0o077}
    assert opened == {"notes.txt"}


async def test_an_export_since_a_time_also_removes_days_and_calls_that_were_deleted(database, tmp_path):
    await some_days(database)
    await keep(database, a_call(1, 7, hour=22), now=NOW)
    await exported(database, tmp_path)
    async with database.begin() as db:
        gone = tables.call_records.c.call_id.in_([guid(0x1003), guid(0x1007)])
        await db.execute(delete(tables.call_records).where(gone))
    again = await exported(database, tmp_path, since=LATER)
    assert again.removed["call_records"] == 1
    assert again.days["call_records"] == 1
    assert not set(call_ids(tmp_path)) & {guid(0x1003), guid(0x1007)}


async def test_folders_of_exports_are_known_until_they_are_removed(database, tmp_path):
    await some_days(database)
    for name in ("a", "b"):
        await exported(database, tmp_path / name)
        async with database.begin() as db:
            await known_folders.remember(db, tmp_path / name, "ndjson")
    async with database.begin() as db:
        assert [(one.path, one.is_here) for one in await known_folders.known(db)] == [
            (tmp_path / "a", True),
            (tmp_path / "b", True),
        ]
    rmtree(tmp_path / "a")
    async with database.begin() as db:
        assert [one.path for one in await known_folders.known(db)] == [tmp_path / "b"]
