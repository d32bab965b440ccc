"""A person in every place of a record, each time in another form, is erased by each form in turn, and stays erased."""

from urllib.parse import quote

import pytest
from sqlalchemy import insert, select, true

from app.access.tables import audit
from app.archive.erasure import digests
from app.archive.erasure.erase_person import erase
from app.archive.schema import tables
from app.archive.upgrade import derive_call
from tests.archive.records import (
    NOW,
    a_call_record,
    a_media,
    a_participant,
    a_segment,
    a_session,
    an_endpoint,
    an_identity,
    guid,
    rows_of,
    save,
)
from tests.archive.retention.archived_calls import everything, found_in, her_end, his_network
from tests.archive.retention.test_staying_erased import fetch
from tests.some import some

pytestmark = pytest.mark.anyio

DOE = "42559007-03c6-42c8-971f-cb79fd381a5a"
PLAIN = DOE.replace("-", "")
UPN = "john.doe@contoso.com"
NAME = "John Doe"
NUMBER = "+41225550146"
TRACES = [
    DOE, PLAIN, UPN, "john.doe", NAME, "41225550146", "41 22 555 01 46", "johndoe-pc", "john's airpods",
    "10.150.9.9", "aa-bb-cc-dd-ee-ff",
]  # fmt: skip

FORMS = [
    DOE, DOE.upper(), PLAIN, f"{{{DOE}}}", f"8:orgid:{DOE}", UPN, UPN.upper(), f"sip:{UPN}",
]  # fmt: skip


def him(an_id=DOE, **changes):
    return {"id": an_id, "displayName": NAME, "tenantId": guid(1), "userPrincipalName": UPN} | changes


def his_end(**changes):
    feedback = {"rating": "poor", "text": "call me at home", "tokens": {}}
    return an_endpoint(name="JOHNDOE-PC", associatedIdentity=him(), feedback=feedback) | changes


def a_leg(**ends):
    media = a_media(
        callerNetwork=his_network(), callerDevice={"captureDeviceName": "John's AirPods", "micGlitchRate": 0.5}
    )
    nobody = {"caller": None, "callee": None}
    return a_session(**nobody | ends, segments=[a_segment(**nobody | ends, media=[media])])


def remark(text):
    end = her_end(feedback={"rating": "bad", "text": text, "tokens": {}})
    return a_session(caller=None, callee=end, segments=[a_segment(caller=None, callee=end)])


def everywhere(**changes):
    """Each place has another form of the id, the address, the number and the name."""
    oid = quote(f'{{"Oid":"{DOE}"}}')
    sessions = [
        a_leg(caller=his_end()),
        a_leg(caller=his_end(associatedIdentity={"id": f"8:orgid:{DOE}", "displayName": NAME})),
        a_leg(caller=his_end(associatedIdentity={"id": PLAIN, "displayName": NAME})),
        a_leg(caller=his_end(associatedIdentity={"userPrincipalName": UPN.upper(), "displayName": NAME})),
        a_leg(caller=his_end(associatedIdentity={"id": DOE}, identity={"user": {"displayName": NAME}})),
        a_leg(caller=his_end(associatedIdentity=None, identity={"user": him(), "phone": {"id": NUMBER}})),
        a_leg(caller=his_end(associatedIdentity=None, identity={"user": {"id": f"{{{DOE}}}", "displayName": NAME}})),
        remark(f"{NAME}'s voice ({UPN}, 0041225550146 or +41 22 555 01 46) breaks up, {PLAIN} too"),
    ]
    return (
        a_call_record(
            joinWebUrl=f"https://teams.microsoft.com/l/meetup-join/19%3ameeting/0?context={oid}&who={quote(NAME)}",
            organizer={"user": {"id": DOE.upper(), "displayName": NAME}},
            organizer_v2={"id": DOE, "identity": {"user": {"displayName": NAME}}},
            participants=[{"user": {"id": f"{{{DOE}}}", "displayName": NAME}}, {"user": {"userPrincipalName": UPN}}],
            participants_v2=[
                a_participant(id=f"8:orgid:{DOE}", identity={"user": him(f"8:orgid:{DOE}")}),
                a_participant(id=DOE, identity={"user": him(), "phone": {"id": f"4:{NUMBER}"}}),
            ],
            sessions=sessions,
        )
        | changes
    )


async def left(database):
    return found_in(await everything(database), TRACES)


async def test_the_record_has_him_in_every_form(database):
    await save(database, everywhere())
    assert set(await left(database)) == set(TRACES)


@pytest.mark.parametrize("form", FORMS)
async def test_he_is_erased_by_each_form_and_does_not_come_back(database, form):
    await save(database, everywhere(version=1), everywhere(id=guid(7)))
    read = {"at": NOW, "who": DOE, "method": "GET", "route": "/api/calls/{call_id}", "call_id": DOE, "status": 404}
    async with database.begin() as db:
        await db.execute(insert(audit), [read])
    assert (await erase(database, form)).calls == 2
    assert await left(database) == []
    await fetch(database, everywhere(version=2), everywhere(id=guid(8)))
    assert await left(database) == []


@pytest.mark.parametrize("form", [NUMBER, "41225550146", "0041 22 555 01 46", f"4:{NUMBER}", f"tel:{NUMBER}"])
async def test_a_telephone_is_erased_by_each_form_of_its_number(database, form):
    phone = {"id": NUMBER, "displayName": "Doe GmbH", "tenantId": None}
    record = a_call_record(
        organizer_v2={"id": f"4:{NUMBER}", "identity": {"phone": phone | {"id": f"4:{NUMBER}"}}},
        participants_v2=[a_participant(id="41225550146", identity={"user": {}, "phone": {"id": "41225550146"}})],
        sessions=[
            a_leg(caller=an_endpoint(name="PC", associatedIdentity=phone)),
            remark("I called +41 22 555 01 46"),
        ],
    )
    await save(database, record)
    assert (await erase(database, form)).calls == 1
    traces = ["41225550146", "41 22 555 01 46", "Doe GmbH"]
    assert found_in(await everything(database), traces) == []
    assert "phone" in (kinds := await kinds_of(database))
    async with database.reading() as db:
        key = await db.scalar(select(tables.call_records.c.key))
    assert await derive_call.anew(database, key, true())
    assert await kinds_of(database) == kinds
    await fetch(database, record | {"version": 2}, record | {"id": guid(8)})
    assert found_in(await everything(database), traces) == []
    assert all(some(row["pstn"] for row in await rows_of(database, tables.call_records) if row["version"] == 1))


async def kinds_of(database):
    """Of the erased identities, wherever they are."""
    found = []
    for table in (tables.call_records, *tables.CHILDREN):
        names = [column.name for column in table.columns if column.name.endswith("identity_kind")]
        for row in await rows_of(database, table):
            ids = {name: row.get(name.removesuffix("kind") + "id") for name in names}
            found += [row[name] for name, an_id in ids.items() if (an_id or "").startswith(digests.ERASED)]
    return found


@pytest.mark.parametrize(("first", "second"), [(DOE, UPN), (UPN, DOE), (PLAIN, UPN), (DOE, f"8:orgid:{DOE}")])
async def test_he_is_erased_by_one_form_and_then_by_another(database, first, second):
    await save(database, everywhere())
    await erase(database, first)
    successor = an_identity(id=guid(0x5CC), displayName="Johanna", userPrincipalName=UPN)
    await fetch(database, a_call_record(id=guid(9), participants_v2=[a_participant(identity={"user": successor})]))
    await erase(database, second)
    assert await left(database) == ([] if UPN in {first, second} else [UPN, "john.doe"])


async def test_an_address_that_was_learned_from_one_call_does_not_come_back_with_another(database):
    await save(database, everywhere())
    await erase(database, DOE)
    only_his_id = a_leg(caller=an_endpoint(name="PC", associatedIdentity={"id": DOE}))
    said = remark(f"{UPN} is {NAME}, or {NUMBER}")
    await fetch(database, a_call_record(id=guid(3), sessions=[only_his_id, said]))
    await fetch(database, a_call_record(id=guid(4), sessions=[said], joinWebUrl=f"https://x.example/?u={quote(UPN)}"))
    assert await left(database) == []


async def test_another_user_at_the_same_end_stays(database):
    bea = {"id": guid(0xBEA), "displayName": "Bea Birkwood", "userPrincipalName": "bea@contoso.example"}
    await save(database, a_call_record(sessions=[a_leg(caller=his_end(identity={"user": bea}))]))
    await erase(database, DOE)
    assert await left(database) == []
    assert found_in(await everything(database), ["Bea Birkwood"]) == ["Bea Birkwood"]


async def test_what_is_remembered_only_grows_also_when_an_address_becomes_an_id(database):
    await save(database, everywhere())
    await erase(database, DOE)
    async with database.reading() as db:
        before = await digests.count(db)
        assert (await digests.read(db)).count == before
    await erase(database, UPN)
    async with database.reading() as db:
        assert await digests.count(db) > before
