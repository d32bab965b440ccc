"""The stored counts of departments say what the calls say, after every change of calls and of the directory."""

from dataclasses import asdict
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from app.archive.daily import calls_over_time, count_job
from app.archive.daily.departments import counting, job, over_time
from app.archive.daily.departments.over_time import Part
from app.archive.directory import store
from app.archive.directory.file import COLUMNS, read
from app.archive.erasure.erase_person import erase
from app.archive.queries.filters import Filters
from app.archive.retention import expired_calls
from app.archive.schema.department_tables import department_counts
from tests.archive.records import TENANT, a_call_between, a_media, a_stream, an_identity, guid, kept, rows_of, save

pytestmark = pytest.mark.anyio

DAY = timedelta(days=1)
BEGIN = datetime(2026, 2, 1, tzinfo=UTC)
OTHER = guid(0xB)
ADA = an_identity(id=guid(0xADA), displayName="Ada", userPrincipalName="ada@contoso.example")
BEA = an_identity(id=guid(0xBEA), displayName="Bea", userPrincipalName="bea@contoso.example")
CLEO = an_identity(id=guid(0xC1E0), displayName="Cleo", userPrincipalName="cleo@fabrikam.example")
ROWS = """ada@contoso.example,Sales,,,,2026-02-02
ada@contoso.example,Support,,,2026-02-03,
bea@contoso.example,Sales,,,,"""


def at(hours):
    return BEGIN + timedelta(hours=hours)


RIGHT = {"2026-02-01", "2026-02-03"}
PARTS = [
    ((0, 72), "day", [(0, 24, "day"), (24, 48, "calls"), (48, 72, "day")]),
    ((0, 72), "hour", [(0, 24, "hours"), (24, 48, "calls"), (48, 72, "hours")]),
    ((1.5, 24), "day", [(1.5, 2, "calls"), (2, 24, "hours")]),
    ((1.25, 1.75), "day", [(1.25, 1.75, "calls")]),
    ((48, 49.5), "hour", [(48, 49, "hours"), (49, 49.5, "calls")]),
    ((23.5, 49), "day", [(23.5, 48, "calls"), (48, 49, "hours")]),
    ((72, 120), "day", [(72, 120, "calls")]),
]


def test_each_part_of_a_range_is_counted_once(subtests):
    for (since, until), bucket, expected in PARTS:
        with subtests.test(since=since, until=until, bucket=bucket):
            found = list(over_time.parts(at(since), at(until), RIGHT, bucket))
            assert found == [Part(at(first), at(last), source) for first, last, source in expected]


def a_call(caller, callee, hours, tenant=TENANT, **streams):
    media = a_media(streams=[a_stream(**streams)])
    times = {"startDateTime": f"{at(hours):%FT%TZ}", "endDateTime": f"{at(hours + 0.2):%FT%TZ}"}
    return kept(a_call_between(caller, callee, media, **times), tenant=tenant)


async def imported(database, rows=ROWS):
    async with database.begin() as db:
        await store.replace(db, TENANT, read(f"{','.join(COLUMNS)}\n{rows}".encode()), BEGIN)


async def counted(database):
    """Of days that wait for no change."""
    await count_job.settle(database, holder="test")
    return await job.CountDepartments(database, holder="test", rest=0.0).once()


async def found(database, since=0, until=96, bucket="day", **filters):
    wanted = Filters(since=at(since), until=at(until), **filters)
    async with database.snapshot() as db:
        buckets = await calls_over_time.counted(db, wanted, bucket, "department")
    return {
        (one.start, department): asdict(counts)
        for one in buckets
        for department, counts in one.by.items()
        if counts.calls
    }


async def calls(database, **filters):
    totals = {}
    for (_, department), counts in (await found(database, **filters)).items():
        totals[department] = totals.get(department, 0) + counts["calls"]
    return totals


@pytest.fixture
async def archived(database):
    records = [a_call(ADA, CLEO, 1.5), a_call(ADA, BEA, 23.7, averagePacketLossRate=0.5), a_call(ADA, CLEO, 49)]
    records += [a_call(CLEO, BEA, 50), a_call(CLEO, CLEO, 51), a_call(ADA, CLEO, 52, tenant=OTHER)]
    await save(database, *records)


async def test_what_is_stored_is_what_the_calls_say(database, archived, subtests, monkeypatch):
    await imported(database)
    assert await calls(database) == {"Sales": 3, "Support": 1, None: 2}
    questions = [
        {"bucket": bucket, "since": since, "until": until, **more}
        for bucket in ("hour", "day")
        for since, until in ((0, 96), (1.2, 50.5), (23.6, 24))
        for more in ({}, {"tenants": [OTHER]}, {"tenant_id": TENANT})
    ]
    from_calls = [await found(database, **question) for question in questions]
    assert await counted(database) == 2
    assert await counted(database) == 1  # one is compared again each time
    asked = []
    live = counting.counted
    monkeypatch.setattr(counting, "counted", lambda db, filters: asked.append(filters) or live(db, filters))
    for question, expected in zip(questions, from_calls, strict=True):
        with subtests.test(**question):
            assert await found(database, **question) == expected
    assert max(one.until - one.since for one in asked) < timedelta(hours=40)
    asked.clear()
    await found(database, until=24)
    assert asked == []


async def test_a_changed_call_and_a_changed_directory_count_at_once_and_again_when_they_are_stored(database, archived):
    await imported(database)
    await counted(database)
    await save(database, a_call(BEA, CLEO, 3))
    assert (await calls(database))["Sales"] == 4
    await counted(database)
    assert (await calls(database))["Sales"] == 4
    await imported(database, "bea@contoso.example,Research,,,2026-02-02,")
    expected = {"Research": 1, None: 6}
    assert await calls(database) == expected
    assert await counted(database) == 2
    assert await calls(database) == expected
    await imported(database, "")
    assert await calls(database) == {None: 7}


async def test_deleted_calls_and_erased_people_are_counted_no_more(database, archived):
    await imported(database)
    await counted(database)
    async for _ in expired_calls.purge(database, BEGIN + DAY):
        pass
    assert await calls(database) == {"Sales": 1, "Support": 1, None: 2}
    await counted(database)
    assert await calls(database) == {"Sales": 1, "Support": 1, None: 2}
    await erase(database, "ada@contoso.example")
    assert await calls(database) == {"Sales": 1, None: 3}
    await counted(database)
    assert await calls(database) == {"Sales": 1, None: 3}


async def test_a_day_that_changes_while_it_is_counted_is_not_stored_and_no_directory_needs_no_counts(
    database, archived, monkeypatch
):
    assert await counted(database) == 0
    assert await rows_of(database, department_counts) == []
    await imported(database)
    assert await counted(database) == 2
    live = counting.counted

    async def then_a_call_comes(db, filters):
        counts = await live(db, filters)
        await save(database, a_call(BEA, CLEO, 2))
        await count_job.settle(database, holder="test")
        return counts

    monkeypatch.setattr(counting, "counted", then_a_call_comes)
    assert await job.count(database, "2026-02-01") is False
    monkeypatch.setattr(counting, "counted", live)
    assert (await calls(database))["Sales"] == 4


async def test_an_address_that_another_call_names_later_is_found_by_the_next_comparison(database):
    await save(database, a_call({"id": guid(0xADA), "displayName": "Ada"}, CLEO, 1))
    await imported(database)
    await counted(database)
    assert await calls(database, until=24) == {None: 1}
    await save(database, a_call(ADA, CLEO, 30))
    await counted(database)
    while await calls(database, until=24) != {"Sales": 1}:
        assert await counted(database) == 1
    async with database.begin() as db:
        await db.execute(update(department_counts).values(calls=7))
    assert await calls(database, until=24) == {"Sales": 7}  # from what is stored
