"""The directory's departments in searches, filters, statistics and after an erasure, each on the day of the call."""

from datetime import UTC, datetime, timedelta

import pytest

from app.archive.directory import store
from app.archive.directory.file import COLUMNS, read
from app.archive.erasure.erase_person import erase
from tests.archive.records import a_call_between, a_media, a_stream, an_identity, guid, kept, save
from tests.web.application import OTHER, TENANT, calling
from tests.web.auth.guarded import a_key
from tests.web.pages.html_text import rows, words

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 3, 1, tzinfo=UTC)
ADA = an_identity(id=guid(0xADA), displayName="Ada", userPrincipalName="ada@contoso.example")
WITHOUT_ADDRESS = {"id": guid(0xADA), "displayName": "Ada"}
BEA = an_identity(id=guid(0xBEA), displayName="Bea", userPrincipalName="bea@contoso.example")
ROWS = """ada@contoso.example,Sales,,,,2026-02-02
ada@contoso.example,Support,,,2026-02-03,
bea@contoso.example,Sales,,,,"""


def a_call(caller, callee, day):
    media = a_media(streams=[a_stream(packetUtilization=5000)])
    times = {"startDateTime": f"2026-02-0{day}T23:30:00Z", "endDateTime": f"2026-02-0{day}T23:40:00Z"}
    return a_call_between(caller, callee, media, **times)


def recent():
    now = datetime.now(UTC)
    return {"startDateTime": f"{now - timedelta(hours=2):%FT%TZ}", "endDateTime": f"{now - timedelta(hours=1):%FT%TZ}"}


async def imported(database, rows=ROWS, tenant=TENANT):
    async with database.begin() as db:
        return await store.replace(db, tenant, read(f"{','.join(COLUMNS)}\n{rows}".encode()), NOW)


@pytest.fixture
async def calls(database):
    """Ids: of Ada with Cleo in Sales, of Ada without address in Support, of Bea."""
    cleo = an_identity(id=guid(0xC1E0), displayName="Cleo", userPrincipalName="cleo@fabrikam.example")
    records = [a_call(ADA, cleo, 2), a_call(WITHOUT_ADDRESS, cleo, 3), a_call(BEA, cleo, 4)]
    await save(database, *(kept(record, tenant=TENANT) for record in records))
    return [record["id"] for record in records]


async def ids_of(api, **query):
    return sorted(item["id"] for item in (await api.get("/api/calls", params=query)).json()["items"])


async def test_calls_are_found_by_the_department_of_their_day(api, database, calls):
    assert await ids_of(api, department="Sales") == []  # never required
    await imported(database)
    assert await ids_of(api, department="Sales") == sorted([calls[0], calls[2]])
    assert await ids_of(api, department="Support") == [calls[1]]
    assert await ids_of(api, department="Sales", participant="ada") == [calls[0]]
    assert await ids_of(api, department="sales") == []
    html = (await api.get("/calls", params={"department": "Support"})).text
    assert [one in html for one in calls] == [False, True, False]


async def test_statistics_by_department_count_each_call_once_in_each(api, database, calls):
    await imported(database)
    query = {"by": "department", "from": "2026-02-01", "to": "2026-02-10"}
    total = (await api.get("/api/stats", params=query)).json()["total"]
    assert total["calls"] == 3
    assert {one["value"]: one["calls"] for one in total["by"]} == {"Sales": 2, "Support": 1}
    await imported(database, "bea@contoso.example,Sales,,,,")
    total = (await api.get("/api/stats", params=query)).json()["total"]
    assert {one["value"]: one["calls"] for one in total["by"]} == {"Sales": 1, None: 2}


async def test_the_quality_page_has_departments(api, database):
    await save(database, kept(a_call(ADA, BEA, 1) | recent(), tenant=TENANT))
    assert "No department had a call" in words((await api.get("/quality?by=department")).text)
    await imported(database)
    html = (await api.get("/quality?by=department&range=7d")).text
    assert {cells[0]: cells[3] for cells, _ in rows(html)[1:]} == {"Sales": "1", "Support": "1"}
    assert "&amp;department=Sales" in html


async def test_people_have_their_current_department(api, database, calls):
    await imported(database)
    found = (await api.get("/api/people", params={"q": "ada"})).json()["items"]
    assert [(one["name"], one["department"]) for one in found] == [("Ada", "Support")]
    assert "Support" in words((await api.get("/people", params={"q": "ada"})).text)
    assert "Department Support" in words((await api.get(f"/people/{ADA['id']}?range=365d")).text)


async def test_a_directory_says_nothing_of_the_calls_of_another_tenant(app, api, database, calls):
    await imported(database, tenant=OTHER)
    assert await ids_of(api, department="Sales") == []
    assert (await api.get("/api/people", params={"q": "ada"})).json()["items"][0]["department"] is None
    async with calling(app, key=await a_key(database, "theirs", "read", OTHER)) as client:
        assert await ids_of(client, department="Sales") == []


async def test_an_erased_person_leaves_the_directory_and_no_file_brings_them_back(database, calls):
    await imported(database)
    assert (await erase(database, "ada@contoso.example", dry_run=True)).rows["directory"] == 2
    await erase(database, ADA["id"])
    async with database.reading() as db:
        assert [row["user_principal_name"] for row in await store.listed(db)] == ["bea@contoso.example"]
    assert tuple(await imported(database)) == (1, 1, 2)


async def test_the_list_has_the_days_of_the_file(database):
    await imported(database)
    async with database.reading() as db:
        rows = await store.listed(db, [TENANT])
        assert await store.listed(db, [OTHER]) == []
    assert [(row["department"], row["valid_from"], row["valid_to"]) for row in rows] == [
        ("Sales", None, "2026-02-02"),
        ("Support", "2026-02-03", None),
        ("Sales", None, None),
    ]
