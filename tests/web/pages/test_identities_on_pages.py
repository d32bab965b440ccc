"""Telephones, visitors and people without a name, as the pages show them: never as "None"."""

import re

import pytest

from tests.archive.records import a_call_record, a_participant, a_session, an_endpoint, guid, kept, save
from tests.web.application import TENANT
from tests.web.pages.html_text import section, words

pytestmark = pytest.mark.anyio

NUMBER = "+41225550146"
GUEST = "c6f4f18f1e99401a9193fbf954f6e903"
PHONE = {"id": NUMBER, "displayName": "None", "tenantId": "None"}
VISITOR = {"id": GUEST, "displayName": "None", "tenantId": None}
BOTH = {"user": {}, "phone": PHONE}
RATED = {"rating": "bad", "text": "nothing to hear", "tokens": {}}
CALL = a_call_record(
    id=guid(0x1D),
    organizer_v2=a_participant(id=NUMBER, identity=BOTH),
    participants_v2=[
        a_participant(id=f"4:{NUMBER}", identity={"phone": PHONE | {"id": f"4:{NUMBER}"}}),
        a_participant(id=GUEST, identity={"guest": VISITOR}),
    ],
    sessions=[
        a_session(
            caller=an_endpoint(associatedIdentity=None, identity=BOTH, feedback=RATED),
            callee=an_endpoint(associatedIdentity=VISITOR, feedback=RATED),
        ),
        a_session(
            caller=an_endpoint(associatedIdentity={"userPrincipalName": "only.address@contoso.example"}),
            callee=an_endpoint(associatedIdentity=None, identity={"phone": PHONE}),
        ),
    ],
)


@pytest.fixture
async def archive(database):
    await save(database, kept(CALL, tenant=TENANT))


def nothing_is_called_none(html):
    return re.search(r"\bNone\b", words(html)) is None


async def test_the_page_of_a_call_shows_the_number_the_guest_and_the_address(api, archive):
    html = (await api.get(f"/calls/{CALL['id']}")).text
    lanes = re.findall(r'<li class="lane" data-name="([^"]*)"', html)
    assert sorted(name.strip() for name in lanes) == [
        NUMBER, "guest", "only.address@contoso.example only.address@contoso.example",
    ]  # fmt: skip
    assert f"{NUMBER} rated the call" in words(section(html, "why"))
    assert "Guest rated the call" in words(section(html, "why"))
    assert nothing_is_called_none(html)


async def test_a_session_shows_the_number_and_the_guest(api, archive):
    html = (await api.get(f"/calls/{CALL['id']}/sessions/0")).text
    assert f"Caller: {NUMBER}" in words(html)
    assert "Callee: Guest" in words(html)
    assert nothing_is_called_none(html)


async def test_the_list_of_calls_shows_the_number_of_an_organizer(api, archive):
    html = (await api.get("/calls")).text
    assert NUMBER in words(html)
    assert nothing_is_called_none(html)
