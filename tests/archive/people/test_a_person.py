"""One person's calls: only the own ends count, whatever else happened there."""

from datetime import UTC, datetime, timedelta

import pytest

from app.archive.people import person
from app.archive.queries.filters import Filters
from tests.archive.records import (
    TENANT,
    a_call_between,
    a_media,
    a_participant,
    a_segment,
    a_session,
    a_stream,
    an_endpoint,
    an_identity,
    guid,
    kept,
    save,
)

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("detail")]

FIRST = datetime(2026, 2, 1, 9, tzinfo=UTC)
EVERYTHING = Filters()
OTHER = guid(0xB)
ADA = an_identity(id=guid(0xADA), displayName="Ada", userPrincipalName="Ada@contoso.example")
BEA = an_identity(id=guid(0xBEA), displayName="Bea", userPrincipalName="bea@contoso.example")


def a_network(connection_type):
    return {"ipAddress": "10.150.0.2", "connectionType": connection_type}


def a_call(day, *, caller=ADA, callee=BEA, poor=False, nets=("wifi", "wired"), codec="satin"):
    """On a day, of two people, whose end has a network and a device named after them."""
    media = a_media(
        callerNetwork=a_network(nets[0]),
        calleeNetwork=a_network(nets[1]),
        callerDevice={"captureDeviceName": caller["displayName"] + "'s"},
        calleeDevice={"captureDeviceName": callee["displayName"] + "'s"},
        streams=[a_stream(audioCodec=codec), a_stream(averageJitter="PT0.2S" if poor else "PT0.01S", audioCodec=codec)],
    )
    return a_call_between(caller, callee, media, startDateTime=(FIRST + timedelta(days=day)).isoformat())


async def profile(database, who=ADA["id"], **filters):
    async with database.reading() as db:
        return await person.profile(db, who, Filters(**filters))


def used(found, dimension):
    return {use.value: (len(use.calls), use.streams, use.poor) for use in found.uses.get(dimension, [])}


async def test_only_the_own_ends_count_on_either_side(database):
    await save(database, a_call(0, poor=True), a_call(1, caller=BEA, callee=ADA, nets=("wired", "unknown")))
    found = await profile(database)
    assert used(found, "connection_type") == {"wifi": (1, 2, 1), "unknown": (1, 2, 0)}
    assert used(found, "device") == {"Ada's": (2, 4, 1)}
    assert used(found, "platform") == {"windows": (2, 4, 1)}
    assert used(found, "codec") == {"satin": (2, 4, 1)}


@pytest.mark.parametrize("who", [ADA["id"].upper(), "ADA@contoso.example", " ada@CONTOSO.example "])
async def test_a_person_is_found_by_id_and_by_principal_name(database, who):
    await save(database, a_call(0))
    found = await profile(database, who)
    assert found.identity == person.Identity("user", ADA["id"], "Ada", "Ada@contoso.example", TENANT)
    assert used(found, "device") == {"Ada's": (1, 2, 0)}


async def test_a_part_of_a_name_is_no_person(database, subtests):
    await save(database, a_call(0))
    for who in ["Ada", "", guid(0xC), "\0", "%"]:
        with subtests.test(who=who):
            assert await profile(database, who) is None


async def test_the_newest_name_is_shown_and_both_names_are_one_person(database):
    renamed = ADA | {"displayName": "Ada Ångström", "userPrincipalName": "ada.a@contoso.example"}
    await save(database, a_call(0), a_call(1, caller=renamed))
    found = await profile(database)
    assert (found.identity.display_name, found.identity.user_principal_name) == (
        "Ada Ångström",
        "ada.a@contoso.example",
    )
    assert len(found.calls) == 2


async def test_the_range_cuts_all_but_the_first_and_the_last_call(database):
    await save(database, *[a_call(day, poor=day == 2) for day in (0, 1, 2, 2, 9)])
    found = await profile(database, since=FIRST + timedelta(days=1), until=FIRST + timedelta(days=3))
    assert (found.first_call, found.last_call) == (FIRST, FIRST + timedelta(days=9))
    midnight = FIRST.replace(hour=0)
    assert [(day.start - midnight, day.calls, day.poor_calls) for day in found.days] == [
        (timedelta(days=1), 1, 0),
        (timedelta(days=2), 2, 2),
    ]
    assert used(found, "platform") == {"windows": (3, 6, 2)}


async def test_a_range_without_a_call_still_knows_who_it_is(database):
    await save(database, a_call(0))
    found = await profile(database, since=FIRST + timedelta(days=1))
    assert (found.calls, found.uses, found.identity.display_name) == ([], {}, "Ada")


async def test_another_tenants_calls_are_not_there(database):
    await save(database, kept(a_call(0), tenant=OTHER), kept(a_call(1)))
    assert len((await profile(database, tenants=[TENANT])).calls) == 1
    assert await profile(database, tenants=[guid(0xC)]) is None
    assert len((await profile(database)).calls) == 2


async def test_what_the_poor_calls_have_in_common_is_reported(database):
    bad = [a_call(day, poor=True, nets=("wifi", "wired")) for day in range(5)]
    good = [a_call(day, nets=("wired", "wifi")) for day in range(5, 11)]
    await save(database, *bad, *good)
    (trait,) = (await profile(database)).common
    assert (trait.dimension, trait.value, trait.calls, trait.share, trait.lift) == (
        "connection_type",
        "wifi",
        5,
        0.5,
        0.5,
    )


async def test_a_person_without_an_id_is_known_by_the_principal_name(database):
    nobody = {"id": None, "displayName": "Cleo", "userPrincipalName": "cleo@contoso.example"}
    record = a_call(0, caller=ADA)
    end = an_endpoint(associatedIdentity=nobody)
    record["participants_v2"].append(a_participant(id=None, identity={"user": nobody}))
    record["sessions"].append(a_session(caller=end, segments=[a_segment(caller=end)]))
    await save(database, record)
    found = await profile(database, "cleo@contoso.example")
    assert found.identity.display_name == "Cleo"
    assert used(found, "platform") == {"windows": (1, 1, 0)}


async def test_the_streams_of_the_newest_calls_are_read_and_all_are_counted(database, monkeypatch):
    monkeypatch.setattr(person, "CLOSELY", 2)
    await save(database, *[a_call(day, poor=day == 0) for day in range(4)])
    found = await profile(database)
    assert (len(found.calls), found.closely) == (4, 2)
    assert used(found, "platform") == {"windows": (2, 4, 0)}
