"""Calls are matched when they are saved, and again in the background when a list changes."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from app.archive.daily import count_job, streams_per_day
from app.archive.diagnosis import reading
from app.archive.people import person
from app.archive.queries import stored_calls
from app.archive.queries.filters import Filters
from app.archive.schema.site_tables import endpoint_sites, site_people
from app.archive.schema.tables import call_records
from app.archive.sites import changes, imports
from app.archive.sites.files import address_lists, building_file
from app.archive.sites.site_map import Period
from app.archive.upgrade.match_again import LATE, MatchAgain
from tests.archive.records import (
    TENANT,
    a_call_between,
    a_media,
    a_stream,
    an_identity,
    guid,
    only_row_of,
    rows_of,
    save,
)

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
FILE = b"""10.20.4.0,AAR-2-wifi,24,AAR-2,,,,,,,,,1,0,0
10.99.0.0,Pool,20,VPN,,,,,,,,,1,0,1
"""


async def import_(database, content=FILE, first=None, last=None):
    async with database.begin() as db:
        return await imports.add_buildings(db, building_file.read(content).rows, Period(first, last), NOW)


def a_network(ip, subnet, **more):
    return {"ipAddress": ip, "subnet": subnet, "connectionType": "wired"} | more


AT_AARHUS = a_network("10.20.4.9", "10.20.4.0", connectionType="wifi", basicServiceSetIdentifier="00-1A-2B-3C-4D-5E")
POOR, GOOD = a_stream(averagePacketLossRate=0.5), a_stream()


def a_call(caller=AT_AARHUS, callee=None, streams=(POOR, GOOD), theirs=TENANT, **changes):
    ada, bob = an_identity(id=guid(), tenantId=TENANT), an_identity(id=guid(), tenantId=theirs)
    media = a_media(callerNetwork=caller, calleeNetwork=callee or a_network("11.0.0.4", "11.0.0.0"), streams=[*streams])
    return a_call_between(ada, bob, media, **changes)


async def columns_of(database):
    row = await only_row_of(database, call_records)
    names = ("sites", "networks", "inside_values", "wired_values", "vpn_values", "access_points")
    return {name: row[name] for name in names}


async def counts(database, dimension):
    await count_job.settle(database, holder="test")
    async with database.reading() as db:
        found = await streams_per_day.over(db, Filters(), dimension)
    return {one.value: (one.streams, one.judged, one.poor, one.calls) for one in found}


async def test_a_call_has_the_sites_of_its_ends_with_the_method_and_the_row(database):
    await import_(database)
    await save(database, a_call())
    (row,) = await rows_of(database, endpoint_sites)
    assert (row["site"], row["network_name"], row["method"], row["side"]) == ("AAR-2", "AAR-2-wifi", "subnet", "caller")
    assert row["network_key"] == 1
    assert await columns_of(database) == {
        "sites": '["AAR-2"]',
        "networks": '["AAR-2-wifi"]',
        "inside_values": '["inside","outside"]',
        "wired_values": '["wifi"]',
        "vpn_values": '["none"]',
        "access_points": '["00-1a-2b-3c-4d-5e"]',
    }
    assert await counts(database, "site") == {"AAR-2": (2, 2, 1, 1)}
    async with database.reading() as db:
        assert len((await stored_calls.calls(db, Filters(site="AAR-2"))).items) == 1
        assert (await stored_calls.calls(db, Filters(site="AAR-3"))).items == []


async def test_unmapped_subnets_count_audio_streams_of_own_people_only(database):
    await import_(database)
    await save(database, a_call(), a_call(theirs=guid()))
    assert (await counts(database, "unmapped_subnet"))["11.0.0.0"][:3] == (2, 2, 1)


async def test_people_with_poor_streams_at_a_site_are_noted(database):
    await import_(database)
    call = a_call()
    await save(database, call, a_call(streams=[GOOD]))
    (row,) = await rows_of(database, site_people)
    ada = call["sessions"][0]["caller"]["associatedIdentity"]["id"]
    assert (row["site"], row["person_id"], row["day"]) == ("AAR-2", ada, "2026-02-25")


async def test_names_of_access_points_and_egress_ranges(database):
    async with database.begin() as db:
        await imports.add_egress(db, address_lists.egress(b"203.0.113.0/24,Kiosk"), NOW)
        await imports.add_access_points(db, address_lists.access_points(b"001a2b3c4d5e,Floor 3"), NOW)
    home = a_network("192.168.1.7", "192.168.1.0", reflexiveIPAddress="203.0.113.9")
    await save(database, a_call(callee=home))
    assert [(row["site"], row["access_point"]) for row in await rows_of(database, endpoint_sites)] == [
        ("Kiosk", None),
        (None, "Floor 3"),
    ]
    assert (await columns_of(database))["access_points"] == '["Floor 3"]'


async def test_without_any_list_all_is_outside(database):
    await save(database, a_call())
    assert (await columns_of(database))["inside_values"] == '["outside"]'
    assert await rows_of(database, endpoint_sites) == []


async def test_each_day_has_the_file_that_was_valid_then(database):
    await import_(database, last=date(2026, 2, 25))
    await import_(database, FILE.replace(b"AAR-2,", b"New,"), first=date(2026, 2, 26))
    later = "2026-02-26T00:00:00Z"
    await save(database, a_call(), a_call(startDateTime=later, endDateTime=later))
    assert [row["site"] for row in await rows_of(database, endpoint_sites)] == ["AAR-2", "New"]


async def test_the_same_list_again_changes_nothing(database):
    first = await import_(database)
    again = await import_(database)
    assert (first.is_new, again) == (True, first._replace(is_new=False))
    async with database.reading() as db:
        assert len(await imports.listed(db)) == 1


class Job:
    """The job of one process, whose clock is as late as the last pass needs."""

    def __init__(self, database):
        self.job = MatchAgain(database, holder="test", rest=0.0, clock=lambda: NOW + LATE)

    async def __call__(self):
        return await self.job.once()


async def test_archived_calls_are_matched_again_when_a_file_comes_and_goes(database):
    await save(database, a_call(), a_call(startDateTime="2026-02-26T00:00:00Z"))
    imported = await import_(database, last=date(2026, 2, 25))
    job = Job(database)
    assert await job() == 1  # the other call began when the file was not valid
    assert await counts(database, "site") == {"AAR-2": (2, 2, 1, 1), "": (2, 2, 1, 1)}
    assert await job() is None
    async with database.begin() as db:
        assert await imports.remove(db, imported.key, NOW)
        assert not await imports.remove(db, imported.key, NOW)
    assert await job() == 1
    assert await counts(database, "site") == {"": (4, 4, 2, 2)}
    assert await rows_of(database, endpoint_sites) == []


async def test_a_broken_off_match_continues_with_the_calls_that_are_left(database, monkeypatch):
    await save(database, *(a_call() for _ in range(3)))
    await import_(database)

    async def breaks_off(_):
        raise OSError("the process was stopped")

    monkeypatch.setattr("app.archive.upgrade.match_again.asyncio.sleep", breaks_off)
    with pytest.raises(OSError, match="stopped"):
        await Job(database)()
    monkeypatch.undo()
    async with database.reading() as db:
        assert await changes.count(db) == 2
    assert await Job(database)() == 2


async def test_a_change_stays_open_while_a_save_may_use_the_lists_of_before(database):
    await import_(database)
    early = MatchAgain(database, holder="test", rest=0.0, clock=lambda: NOW + LATE - timedelta(seconds=1))
    assert await early.once() == 0
    assert await early.once() == 0
    assert await Job(database)() == 0
    assert await early.once() is None


async def test_calls_of_before_the_revision_are_found_by_their_number(database):
    await save(database, a_call())
    async with database.reading() as db:
        assert await db.scalar(select(call_records.c.sites_revision)) == 0
        assert await changes.count(db) == 0
    await import_(database)
    async with database.reading() as db:
        assert await changes.count(db) == 1


async def test_a_diagnosis_knows_a_vpn_by_its_site(database):
    """The adapter of a VPN says that it is a cable."""
    await import_(database)
    await save(database, a_call(a_network("10.99.3.3", "10.99.3.3", connectionType="wired")))
    async with database.reading() as db:
        (session,) = await reading.sessions_of(db, 1)
        (same,) = (await reading.some_sessions(db, [(1, 0)]))[1]
    media = session["segments"][0]["media"][0]
    assert same["segments"][0]["media"][0] == media
    assert (media["caller_network_connection_type"], media["callee_network_connection_type"]) == ("tunnel", "wired")


async def test_a_person_has_the_sites_and_access_points_of_the_own_ends(database):
    await import_(database)
    call = a_call(AT_AARHUS | {"ipAddress": "10.20.4.9"})
    await save(database, call)
    ada = call["sessions"][0]["caller"]["associatedIdentity"]["id"]
    async with database.reading() as db:
        uses = (await person.profile(db, ada, Filters())).uses
    assert {name: [use.value for use in uses[name]] for name in ("site", "network", "access_point")} == {
        "site": ["AAR-2"],
        "network": ["AAR-2-wifi"],
        "access_point": ["00-1a-2b-3c-4d-5e"],
    }


async def test_a_call_has_the_site_of_each_end_of_its_media(database):
    record = a_call()
    await save(database, record)
    assert await end_sites(database, record) == (None, None)
    await import_(database)
    await save(database, record)
    caller, callee = await end_sites(database, record)
    assert (caller["site"], caller["network_name"], caller["inside"], caller["vpn"]) == (
        "AAR-2",
        "AAR-2-wifi",
        True,
        False,
    )
    assert callee is None


async def end_sites(database, record):
    async with database.reading() as db:
        call = await stored_calls.call(db, record["id"])
    (media,) = call["sessions"][0]["segments"][0]["media"]
    return media["caller_site"], media["callee_site"]
