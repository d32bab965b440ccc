"""/sites and /api/sites: the worst site first, its people and networks, unmapped subnets, and the upload."""

from datetime import UTC, datetime, timedelta

import pytest

from app.archive.daily import count_job
from app.archive.sites import imports
from app.archive.sites.files import building_file
from app.archive.sites.site_map import Period
from tests.archive.records import a_call_between, a_media, a_stream, an_identity, guid, save
from tests.web.application import TENANT, calling
from tests.web.auth.guarded import a_key
from tests.web.pages.browser_client import form_token, redirect_of, signed_in

pytestmark = pytest.mark.anyio

FILE = b"""10.20.4.0,AAR-2-wifi,24,AAR-2,,,,Aarhus,,DK,,,1,0,0
10.20.5.0,ODE-1,24,ODE-1,,,,Odense,,DK,,,1,0,0
10.20.6.0,Empty,24,Empty,,,,,,,,,1,0,0
"""
OVERLAPPING = FILE + b"10.20.0.0,All,16,All,,,,,,,,,1,0,0\n"


def a_call(subnet, *, poor, days_ago=2):
    at = (datetime.now(UTC) - timedelta(days=days_ago)).isoformat()
    streams = [a_stream(averagePacketLossRate=0.5 if poor else 0.01) for _ in range(4)]
    network = {"ipAddress": subnet.replace(".0", ".9"), "subnet": subnet, "connectionType": "wifi"}
    media = a_media(callerNetwork=network | {"basicServiceSetIdentifier": "00-1A-2B-3C-4D-5E"}, streams=streams)
    ada, bob = (an_identity(id=guid(), tenantId=TENANT) for _ in range(2))
    return a_call_between(ada, bob, media, startDateTime=at, endDateTime=at)


@pytest.fixture
async def archive(database):
    async with database.begin() as db:
        await imports.add_buildings(db, building_file.read(FILE).rows, Period(), datetime.now(UTC))
    calls = [a_call("10.20.4.0", poor=number < 5) for number in range(6)]
    calls += [a_call("10.20.5.0", poor=False) for _ in range(4)]
    calls += [a_call("10.20.5.0", poor=True, days_ago=40), *(a_call("11.0.0.0", poor=False) for _ in range(3))]
    await save(database, *calls)
    await count_job.settle(database, holder="test")


async def test_the_worst_site_is_first_with_its_trend_people_and_networks(archive, api):
    answer = (await api.get("/api/sites")).json()
    first, second, third = answer["items"]
    assert (first["site"], first["poor_streams"], first["rated_streams"], first["people_affected"]) == (
        "AAR-2",
        20,
        24,
        5,
    )
    assert (first["calls"], first["poor_calls"], first["poor_share_before"], first["city"]) == (6, 5, None, "Aarhus")
    assert (second["site"], second["poor_share"], second["poor_share_before"]) == ("ODE-1", 0, 1)
    assert (third["site"], third["calls"], third["networks"][0]["network"]) == ("Empty", 0, "10.20.6.0/24")
    assert [(one["subnet"], one["streams"], one["common"]) for one in answer["unmapped"]] == [("11.0.0.0", 12, False)]
    stats = (await api.get("/api/stats", params={"by": "site"})).json()["total"]["by"]
    assert {one["value"]: one["calls"] for one in stats}["AAR-2"] == 6
    assert len((await api.get("/api/calls", params={"site": "AAR-2"})).json()["items"]) == 6


async def test_the_pages_show_the_same_and_lead_to_the_calls(archive, app):
    async with signed_in(app) as browser:
        page = (await browser.get("/sites")).text
        assert page.index(">AAR-2<") < page.index(">ODE-1<")
        assert "down from 100 %" in page
        assert "11.0.0.0" in page
        link = page.split('aria-label="5 poor calls of AAR-2"')[0].rsplit('href="', 1)[1].split('"')[0]
        calls = (await browser.get(link.replace("&amp;", "&"))).text
        assert calls.count('<a href="/calls/0000') == 5
        one = (await browser.get("/sites", params={"site": "AAR-2"})).text
        assert "00-1a-2b-3c-4d-5e" in one
        link = one.split(">AAR-2-wifi</a>")[0].rsplit('href="', 1)[1].split('"')[0].replace("&amp;", "&")
        assert (await browser.get(link)).text.count('<a href="/calls/0000') == 6
        assert "&amp;connection_type=" not in one  # other ends of these calls used Wi-Fi elsewhere
        assert (await browser.get("/sites", params={"site": "nowhere"})).status_code == 404
        assert (await browser.get("/sites", params={"page": "2"})).status_code == 400


async def upload(browser, content, token=None, **fields):
    token = await form_token(browser) if token is None else token
    return await browser.post(
        "/sites", data=fields | {"form_token": token}, files={"file": ("b.csv", content, "text/csv")}
    )


async def test_an_administrator_checks_imports_and_removes_a_list(app, api):
    async with signed_in(app) as browser:
        refused = await upload(browser, OVERLAPPING)
        assert refused.status_code == 422
        assert "line 1: 10.20.4.0/24 overlaps 10.20.0.0/16 in line 4" in refused.text
        assert "Nothing was changed" in (await upload(browser, OVERLAPPING, allow_overlap="1", dry_run="1")).text
        assert (await api.get("/api/sites")).json()["files"] == []
        assert redirect_of(await upload(browser, FILE, valid_from="2026-01-01")) == "/sites?done=imported"
        assert redirect_of(await upload(browser, FILE, valid_from="2026-01-01")) == "/sites?done=same"
        (file,) = (await api.get("/api/sites")).json()["files"]
        assert (file["kind"], file["valid_from"], file["rows"]) == ("buildings", "2026-01-01", 3)
        token = await form_token(browser)
        assert redirect_of(await browser.post(f"/sites/{file['key']}/remove", data={"form_token": token}))
        assert (await api.get("/api/sites")).json()["items"] == []


async def test_an_upload_needs_the_form_and_is_bounded(app):
    async with signed_in(app) as browser:
        assert (await upload(browser, FILE, token="wrong")).status_code == 403
        assert (await upload(browser, b"x" * (2 << 20))).status_code == 413
        token = await form_token(browser)
        assert (await browser.post("/sites", data={"form_token": token})).status_code == 415


async def test_the_lists_are_an_unrestricted_administrators_alone(app, database):
    for name, scope, tenants in (("reports", "read", ()), ("theirs", "admin", (TENANT,))):
        async with calling(app, key=await a_key(database, name, scope, *tenants)) as client:
            assert (await client.post("/api/sites", content=FILE)).status_code == 403
            assert (await client.delete("/api/sites/1")).status_code == 403


async def test_a_program_imports_lists_of_every_kind(api):
    checked = (await api.post("/api/sites", params={"dry_run": "true"}, content=FILE)).json()
    assert (checked["rows"], checked["sites"], checked["file"]) == (3, 3, None)
    for kind, content in (("egress", b"203.0.113.0/24"), ("access_points", b"00-1A-2B-3C-4D-5E,Floor 3")):
        assert (await api.post("/api/sites", params={"kind": kind}, content=content)).json()["is_new"]
    assert (await api.post("/api/sites", content=OVERLAPPING)).status_code == 422
    assert (await api.post("/api/sites", params={"valid_from": "tomorrow"}, content=FILE)).status_code == 422
    assert (await api.delete("/api/sites/1")).json() == {"removed": 1}
    assert (await api.delete("/api/sites/1")).status_code == 404
