"""Whoever stands in any part of a record took part, is found by everything that is known, and is counted once."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import update

from app.archive.parse.identities.took_part import CONFERENCING_ID
from app.archive.people import person, search
from app.archive.queries import stored_calls
from app.archive.queries.filters import Filters
from app.archive.schema import tables
from app.archive.upgrade.derive import Derive
from tests.archive.records import (
    CALL,
    a_call_record,
    a_participant,
    a_segment,
    a_service_endpoint,
    a_session,
    an_endpoint,
    from_pages,
    guid,
    kept,
    only_row_of,
    save,
)

NOW = datetime(2026, 3, 1, tzinfo=UTC)

pytestmark = pytest.mark.anyio

TENANT_OF_USER = "aaaaaaaa-0000-4000-8000-000000000001"
ID = "0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d"
ADA = {
    "id": ID,
    "displayName": "Ada Ashgrove",
    "tenantId": TENANT_OF_USER,
    "userPrincipalName": "Ada.Ashgrove@contoso.example",
}
NUMBER = "+41225550146"
GUEST = "c6f4f18f1e99401a9193fbf954f6e903"
PHONE = {"id": NUMBER, "displayName": "None", "tenantId": None}


def empty(**changes):
    """A call that names nobody."""
    nobody = {"organizer_v2": None, "participants_v2": [], "organizer": None, "participants": []}
    return a_call_record(**nobody | {"sessions": [a_leg()]} | changes)


def a_leg(segments=(), **ends):
    nobody = {"caller": a_service_endpoint(), "callee": a_service_endpoint()}
    return a_session(**nobody | ends, segments=list(segments))


def a_part(**ends):
    return a_segment(**{"caller": None, "callee": None} | ends, media=[])


def one(identity):
    return an_endpoint(associatedIdentity=identity)


def old(identities):
    return an_endpoint(associatedIdentity=None, identity=identities)


EVERY_PLACE = {
    "organizer": empty(organizer={"user": ADA}),
    "organizer_v2": empty(organizer_v2=a_participant(id=ID, identity={"user": ADA})),
    "participants": empty(
        participants=[{"user": ADA}], participants_v2=[a_participant(id=GUEST, identity={"guest": {"id": GUEST}})]
    ),
    "participants_v2": empty(participants_v2=[a_participant(id=ID, identity={"user": ADA})]),
    "caller of a session": empty(sessions=[a_leg(caller=one(ADA))]),
    "callee of a session": empty(sessions=[a_leg(callee=one(ADA))]),
    "caller of a segment": empty(sessions=[a_leg([a_part(caller=one(ADA))])]),
    "callee of a segment": empty(sessions=[a_leg([a_part(callee=one(ADA))])]),
    "old identity of a session": empty(sessions=[a_leg(caller=old({"user": ADA}))]),
    "old identity of a segment": empty(sessions=[a_leg([a_part(callee=old({"user": ADA}))])]),
    "second identity of a set": empty(sessions=[a_leg(caller=old({"user": {"id": guid(5)}, "spoolUser": ADA}))]),
}
WAYS = [
    ID,
    ID.upper(),
    ID.replace("-", ""),
    f"{{{ID}}}",
    f"8:orgid:{ID}",
    "ada.ashgrove@contoso.example",
    "sip:Ada.Ashgrove@contoso.example",
    "ashgrove",
]


async def found(database, text, **filters):
    async with database.reading() as db:
        return [item["id"] for item in (await stored_calls.calls(db, Filters(participant=text, **filters))).items]


async def call(database):
    async with database.reading() as db:
        return await stored_calls.call(db, CALL)


@pytest.mark.parametrize("place", EVERY_PLACE)
async def test_a_person_in_any_place_is_found_in_every_way_and_the_call_says_where(database, place):
    await save(database, EVERY_PLACE[place])
    assert {way: await found(database, way) for way in WAYS} == {way: [CALL] for way in WAYS}
    async with database.reading() as db:
        for way in WAYS[:-1]:
            profile = await person.profile(db, way, Filters())
            assert profile.identity.display_name == "Ada Ashgrove"
        (listed,), more = await search.find(db, "ashgrove", Filters(), 10, NOW)
    assert (listed.id, listed.name, listed.address, listed.calls, more) == (
        ID, "Ada Ashgrove", "Ada.Ashgrove@contoso.example", 1, False,
    )  # fmt: skip
    (ada,) = [each for each in (await call(database))["people"] if each["id"] == ID]
    where = place.split()[-1] + "s" if " of a " in place else place
    assert ada["seen_in"] == ["sessions" if where == "sets" else where]
    assert ada["tenant_id"] == TENANT_OF_USER
    assert ada["is_organizer"] == place.startswith("organizer")


async def test_a_person_in_every_place_is_one_and_has_them_all(database):
    party = a_participant(id=ID, identity={"user": ADA | {"id": f"8:orgid:{ID}"}})
    both = a_leg([a_part(caller=one({"id": None, "userPrincipalName": ADA["userPrincipalName"]}))], caller=one(ADA))
    await save(
        database,
        empty(
            organizer={"user": ADA},
            organizer_v2=party,
            participants=[{"user": ADA | {"id": ID.upper(), "displayName": None}}],
            participants_v2=[party],
            sessions=[both, a_leg(callee=old({"user": {"id": None, "displayName": "Ada Ashgrove"}}))],
        ),
    )
    everybody = (await call(database))["people"]
    assert [(each["id"], each["seen_in"]) for each in everybody] == [
        (
            f"8:orgid:{ID}",
            ["organizer", "organizer_v2", "participants", "participants_v2", "sessions", "segments"],
        )
    ]
    row = await only_row_of(database, tables.call_records)
    assert (row["participant_count"], row["participants_seen"]) == (1, 1)


async def test_two_names_of_one_person_in_a_call_are_both_found_and_one_person(database):
    await save(
        database,
        empty(
            participants_v2=[a_participant(id=ID, identity={"user": ADA})],
            sessions=[a_leg(caller=one(ADA | {"displayName": "Ada (Guest)"}))],
        ),
    )
    assert await found(database, "ashgrove") == await found(database, "(guest)") == [CALL]
    assert (await only_row_of(database, tables.call_records))["participants_seen"] == 1
    async with database.reading() as db:
        ((listed,), _) = await search.find(db, "ada", Filters(), 10, NOW)
    assert listed.calls == 1


def a_service(role, identities):
    agent = {"@odata.type": "#microsoft.graph.callRecords.serviceUserAgent", "role": role}
    return a_service_endpoint(userAgent=agent, associatedIdentity=None, identity=identities)


USER = {"id": ID, "displayName": None, "tenantId": TENANT_OF_USER}
NO_PEOPLE = {
    "the user of a call queue": (a_service("skypeForBusinessCallQueues", {"user": USER}), "resourceAccount"),
    "the user of an auto attendant": (a_service("skypeForBusinessAutoAttendant", {"user": USER}), "resourceAccount"),
    "a resource account by Graph's key": (
        a_service("skypeForBusinessCallQueues", {"applicationInstance": USER}), "resourceAccount",
    ),
    "a bot that stands under user": (a_service("customBot", {"user": USER}), "service"),
    "a service without a role": (a_service(None, {"user": USER}), "service"),
    "audio conferencing": (one({"id": CONFERENCING_ID.upper()}), "conferencing"),
    "audio conferencing as a user": (old({"user": {"id": CONFERENCING_ID}}), "conferencing"),
    "an application": (old({"application": USER}), "application"),
    "an application by its own id": (one({"id": f"28:{ID}"}), "application"),
    "an application instance": (old({"applicationInstance": USER}), "applicationInstance"),
    "an application of communication services": (old({"acsApplicationInstance": USER}), "acsApplicationInstance"),
}  # fmt: skip
PEOPLE = {
    "a user": (one(ADA), "user"),
    "a telephone behind a gateway": (a_service("mediationServer", {"phone": PHONE}), "phone"),
    "a guest": (old({"guest": {"id": GUEST}}), "guest"),
    "a user of communication services": (old({"azureCommunicationServicesUser": {"id": "8:acs:1_2"}}),
                                         "azureCommunicationServicesUser"),
    "the user whose voicemail answered": (a_service("voicemail", {"user": ADA}), "user"),
    "somebody of whom only a name is known": (one({"displayName": "Bea"}), None),
}  # fmt: skip


async def test_services_and_resource_accounts_are_marked_and_are_not_counted(database, subtests):
    for version, (case, (end, kind)) in enumerate((NO_PEOPLE | PEOPLE).items(), 1):
        with subtests.test(case=case):
            await save(database, empty(version=version, sessions=[a_leg(callee=end)]))
            (seen,) = (await call(database))["people"]
            assert (seen["kind"], seen["is_person"]) == (kind, case in PEOPLE)
            row = await only_row_of(database, tables.call_records)
            assert (row["participant_count"], row["participants_seen"]) == (0, int(case in PEOPLE))


async def test_a_user_with_a_service_at_one_end_and_a_client_at_another_is_a_person(database):
    legs = [a_leg(callee=a_service("unknown", {"user": ADA})), a_leg(caller=one(ADA))]
    await save(database, empty(sessions=legs))
    assert (await only_row_of(database, tables.call_records))["participants_seen"] == 1


async def test_the_telephone_of_a_user_is_found_and_is_not_one_person_more(database):
    await save(
        database,
        empty(
            participants_v2=[a_participant(id=NUMBER, identity={"phone": PHONE})],
            sessions=[a_leg(caller=old({"user": ADA, "phone": PHONE}))],
        ),
    )
    assert await found(database, NUMBER) == await found(database, ID) == [CALL]
    assert (await only_row_of(database, tables.call_records))["participants_seen"] == 1


ASKED = [
    NUMBER, "41225550146", "0041225550146", " 41225550146", "+41 22 555 01 46", "+41 (0)22 555-01-46",
    "+41*", "0041*", "4122*", f"4:{NUMBER}", f"tel:{NUMBER}",
]  # fmt: skip


@pytest.mark.parametrize("written", [NUMBER, "41225550146", f"4:{NUMBER}"])
async def test_a_number_is_found_however_it_is_written_and_asked_for(database, written):
    phone = {"phone": {"id": written, "displayName": "None", "tenantId": "None"}}
    await save(database, empty(sessions=[a_leg(caller=old(phone))]))
    await save(database, empty(id=guid(0x77), sessions=[a_leg(caller=old({"phone": {"id": "+4922555014600"}}))]))
    assert {asked: await found(database, asked) for asked in ASKED} == {asked: [CALL] for asked in ASKED}


async def test_asterisks_of_a_masked_number_and_wildcards_are_what_they_are(database):
    await save(database, empty(sessions=[a_leg(caller=old({"phone": {"id": "+49155555****"}}))]))
    await save(database, empty(id=guid(0x77), sessions=[a_leg(caller=old({"phone": {"id": "+49155666777"}}))]))
    for asked in ("+49155555****", "0049155555****", "+49155555*"):
        assert await found(database, asked) == [CALL]
    for asked in ("+49155555***%", "+4915555_****", "+49155%*", "%", "_"):
        assert await found(database, asked) == []


async def test_what_looks_like_an_address_is_also_a_part_of_a_name(database):
    await save(database, empty(sessions=[a_leg(caller=one({"id": ID, "displayName": "Front desk @ a@b.example"}))]))
    assert await found(database, "a@b.example") == [CALL]


async def test_a_person_page_counts_the_ends_of_a_person_who_is_only_in_a_session(database):
    leg = a_leg([a_segment(caller=None, callee=None)], caller=one(ADA | {"id": f"8:orgid:{ID}"}))
    await save(database, empty(sessions=[leg]))
    async with database.reading() as db:
        profile = await person.profile(db, ID, Filters())
    assert [(use.value, use.streams) for use in profile.uses["platform"]] == [("windows", 1)]


async def as_an_older_program_left_it(database):
    """Only Graph's list is in the index, folded."""
    async with database.begin() as db:
        await db.execute(update(tables.call_records).values(derivation=9, participants_seen=None))
        await db.execute(tables.call_people.delete())
        await db.execute(tables.people.delete())


async def test_archived_calls_are_derived_again(database):
    await save(database, EVERY_PLACE["callee of a segment"])
    await as_an_older_program_left_it(database)
    assert await found(database, "ashgrove") == []
    assert await Derive(database, holder="test").once() == 1
    assert await found(database, "ashgrove") == [CALL]
    assert (await only_row_of(database, tables.call_records))["participants_seen"] == 1


async def test_an_entry_of_an_older_program_gets_what_graph_wrote(database):
    await save(database, EVERY_PLACE["participants_v2"], EVERY_PLACE["participants_v2"] | {"id": guid(0x88)})
    nothing = {column.name: None for column in tables.people.columns if column.name.startswith("identity_")}
    async with database.begin() as db:
        await db.execute(update(tables.people).values(nothing))
        await db.execute(update(tables.call_people).values(kind=None, seen_in=None))
        await db.execute(update(tables.call_records).where(tables.call_records.c.call_id == CALL).values(derivation=9))
    assert (await call(database))["people"][0]["display_name"] == "ada ashgrove"
    await Derive(database, holder="test").once()
    (ada,) = (await call(database))["people"]
    assert (ada["display_name"], ada["id"], ada["kind"]) == ("Ada Ashgrove", ID, "user")


def test_the_same_people_are_found_when_a_record_comes_page_by_page():
    record = EVERY_PLACE["participants"] | {"sessions": [a_leg(caller=one(ADA)), a_leg(callee=one({"id": guid(9)}))]}
    first, second = record["sessions"]
    pages = from_pages(record | {"sessions": [first]}, ("sessions", [second]))
    assert pages.people == kept(record).people


async def test_people_who_called_last_come_first_and_the_rest_is_announced(database):
    for number in range(3):
        somebody = {"id": guid(number + 1), "displayName": f"Person {number}"}
        start = datetime(2026, 2, 1 + number, tzinfo=UTC).isoformat()
        await save(database, empty(id=guid(), startDateTime=start, sessions=[a_leg(caller=one(somebody))]))
    async with database.reading() as db:
        listed, more = await search.find(db, "person", Filters(), 2, NOW)
        everybody, rest = await search.find(db, "person", Filters(), 3, NOW)
    assert ([each.name for each in listed], more) == (["Person 2", "Person 1"], True)
    assert (len(everybody), rest) == (3, False)
