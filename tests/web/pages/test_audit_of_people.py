"""Who viewed a person: by requests that named the person and by those for the person's calls; folded, and as CSV."""

import pytest

from app.archive.erasure.erase_person import erase
from app.web.pages.operations.audit_rows import folded
from tests.archive.records import a_call_between, a_media, an_identity, guid, kept, save
from tests.web.application import TENANT
from tests.web.auth.guarded import NOW, a_key
from tests.web.pages.browser_client import signed_in
from tests.web.pages.html_text import rows

pytestmark = pytest.mark.anyio

CEO = an_identity(id=guid(0xCE0), displayName="Cleo", userPrincipalName="ceo@contoso.example")
BEA = an_identity(id=guid(0xBEA), displayName="Bea", userPrincipalName="bea@contoso.example")


async def viewers(api, person):
    items = (await api.get("/api/audit", params={"person": person})).json()["items"]
    return sorted((item["who"], item["route"]) for item in items)


@pytest.fixture
async def viewed(app, database):
    """Bea's call with the CEO is viewed, and both by id or address."""
    record = kept(a_call_between(CEO, BEA, a_media()), tenant=TENANT)
    await save(database, record)
    async with signed_in(app, await a_key(database, "curious")) as browser:
        for path in (
            f"/calls/{record.call_id}",
            f"/people/{CEO['id']}",
            "/calls?q=CEO@contoso.example",
            "/calls?q=cleo",
        ):
            assert (await browser.get(path)).status_code == 200
    async with signed_in(app, await a_key(database, "friend")) as browser:
        await browser.get("/people/bea@contoso.example")


async def test_it_finds_who_viewed_a_person(api, viewed):
    theirs = [("curious", "/calls"), ("curious", "/calls/{call_id}"), ("curious", "/people/{person_id}")]
    assert await viewers(api, "ceo@contoso.example") == theirs
    assert await viewers(api, CEO["id"].upper()) == theirs
    assert ("friend", "/people/{person_id}") in await viewers(api, "bea@contoso.example")
    html = (await api.get("/audit", params={"person": "ceo@contoso.example"})).text
    assert [cells[1] for cells, _ in rows(html)[1:]] == ["curious"] * 3


async def test_no_name_or_id_is_stored_and_an_erased_person_is_not_found(api, database, viewed):
    entries = (await api.get("/api/audit")).json()["items"]
    assert not [text for text in ("cleo", "ceo@", CEO["id"]) if text in str(entries).lower()]
    await erase(database, CEO["id"])
    assert await viewers(api, CEO["id"]) == [("API_KEY", "/api/audit")] * 0


async def test_requests_of_a_polling_program_are_one_row(app, api, database):
    async with signed_in(app, await a_key(database, "poller")) as browser:
        for _ in range(4):
            await browser.get("/calls")
    html = (await api.get("/audit", params={"who": "poller"})).text
    assert [cells for cells, _ in rows(html) if "4 times since" in cells[0]]
    assert "times since" not in (await api.get("/audit", params={"who": "poller", "unfold": "1"})).text
    text = (await api.get("/audit.csv", params={"who": "poller"})).text
    assert text.startswith("\ufeffat,who,")
    assert text.count('"poller"') >= 4


def test_requests_for_calls_are_never_folded():
    one = {"at": NOW, "who": "a", "scope": "read", "method": "GET", "route": "/x", "status": 200, "parameters": []}
    of_calls = [one | {"id": number, "call_id": "c", "person": None} for number in range(4)]
    others = [one | {"id": number, "call_id": None, "person": None} for number in range(4, 8)]
    assert [row.count for row in folded([*others, *of_calls])] == [4, 1, 1, 1, 1]
