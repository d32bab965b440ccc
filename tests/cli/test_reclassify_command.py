"""`callkeeper reclassify`: what it prints, what it leaves to a running service, and how it refuses."""

import asyncio
from datetime import UTC, datetime

import orjson
import pytest

from app.archive.daily import streams_per_day
from app.archive.queries.filters import Filters
from app.archive.schema import tables
from app.archive.upgrade import reclassifications
from app.archive.upgrade.reclassify import Reclassify
from app.db import Database
from tests.archive.records import rows_of, save
from tests.archive.upgrade.test_reclassifying import NEW, OLD, a_call

DAY = Filters(since=datetime(2026, 2, 25, tzinfo=UTC), until=datetime(2026, 2, 26, tzinfo=UTC))


@pytest.fixture
def archive(tmp_path):
    """Runs a coroutine function with the database that the command uses."""

    def archive(work):
        async def _work():
            database = Database.open(f"sqlite:///{tmp_path}/callkeeper.db")
            try:
                return await work(database)
            finally:
                await database.close()

        return asyncio.run(_work())

    return archive


async def _two_calls(database):
    await save(database, a_call(1), a_call(2, day=26))


async def _verdicts(database):
    return [(row["quality"], row["quality_rules"]) for row in await rows_of(database, tables.call_records)]


async def _poor_streams(database):
    async with database.reading() as db:
        return (await streams_per_day.total(db, DAY)).poor


def test_it_ends_when_the_verdicts_and_the_daily_counts_are_there(callkeeper, archive):
    archive(_two_calls)
    done = callkeeper("reclassify", "--rules", "cqd-2018", "--json")
    assert (done.status, done.err) == (0, "")
    assert orjson.loads(done.out) == [{"rules": "cqd-2018", "since": None, "calls": 2}]
    assert archive(_verdicts) == [OLD, OLD]
    assert archive(_poor_streams) == 1


def test_without_rules_the_default_is_meant(callkeeper, archive):
    archive(_two_calls)
    callkeeper("reclassify", "--rules", "cqd-2018")
    done = callkeeper("reclassify")
    assert (done.status, "cqd-2024-10" in done.out) == (0, True)
    assert archive(_verdicts) == [NEW, NEW]


def test_since_limits_it(callkeeper, archive):
    archive(_two_calls)
    done = callkeeper("reclassify", "--rules", "cqd-2018", "--since", "2026-02-26")
    assert (done.status, done.err) == (0, "")
    assert archive(_verdicts) == [NEW, OLD]


def test_in_the_background_a_running_service_does_it(callkeeper, archive):
    archive(_two_calls)
    done = callkeeper("reclassify", "--rules", "cqd-2018", "--background")
    assert (done.status, "in the background" in done.out) == (0, True)
    assert archive(_verdicts) == [NEW, NEW]
    assert archive(lambda database: Reclassify(database, holder="service").once()) == 2
    assert archive(_verdicts) == [OLD, OLD]


def test_an_empty_archive_has_nothing_to_do(callkeeper, archive):
    archive(_request)
    done = callkeeper("reclassify", "--json")
    assert (done.status, orjson.loads(done.out)[0]["calls"]) == (0, 0)
    assert archive(_request) is None


async def _request(database):
    async with database.reading() as db:
        return await reclassifications.current(db)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(("--rules", "cqd-1999"), "not one of cqd-2024-10, cqd-2018"), (("--since", "yesterday"), "neither a duration")],
)
def test_what_is_wrong_is_named(callkeeper, arguments, said):
    done = callkeeper("reclassify", *arguments)
    assert (done.status != 0, done.out, done.err.count("\n")) == (True, "", 1)
    assert said in done.err
