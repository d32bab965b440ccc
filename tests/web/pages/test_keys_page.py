"""/keys: administrators of all tenants create and revoke keys; each key is shown once."""

import re

import pytest

from app.access import keys
from app.archive.sites import imports
from app.archive.sites.files import building_file
from app.archive.sites.site_map import Period
from tests.web.application import TENANT, calling
from tests.web.auth.guarded import NOW, a_key
from tests.web.pages.browser_client import post_form, redirect_of, signed_in
from tests.web.pages.html_text import words

pytestmark = pytest.mark.anyio

KEY = re.compile(r'class="mono secret">(ck_[A-Za-z0-9]{43})<')


async def test_a_created_key_is_shown_once_and_works_until_it_is_revoked(app, database):
    async with signed_in(app) as browser:
        answer = await post_form(browser, "/keys", name="reports", scope="read", expires="90d", tenant=TENANT)
        key = KEY.search(answer.text)[1]
        assert answer.headers["cache-control"] == "no-store"
        listed = (await browser.get("/keys")).text
        assert key not in listed
        assert "reports active read" in words(listed)
        assert "in 89 d" in words(listed) or "in 90 d" in words(listed)
        async with calling(app, key=key) as client:
            assert (await client.get("/api/calls")).status_code == 200
            assert (await client.get("/keys", headers={"Accept": "text/html"})).status_code == 403
            assert redirect_of(await post_form(browser, "/keys/reports/revoke")) == "/keys?revoked=1"
            assert (await client.get("/api/calls")).status_code == 401
    async with database.reading() as db:
        (row,) = await keys.list_keys(db)
    assert row["tenants"] == (TENANT,)


WRONG = [
    ({"name": "a b", "scope": "read"}, "a key's name has 1 to 64 letters"),
    ({"name": "ops", "scope": "root"}, "choose the scope"),
    ({"name": "ops", "scope": "read", "expires": "soon"}, "90d"),
    ({"name": "ops", "scope": "read", "tenant": "x"}, "choose one of the tenants"),
    ({"name": "taken", "scope": "read"}, "there is a key taken already"),
]


async def test_a_key_that_cannot_be_created_is_explained(app, database, subtests):
    await a_key(database, "taken")
    async with signed_in(app) as browser:
        for fields, said in WRONG:
            with subtests.test(said=said):
                answer = await post_form(browser, "/keys", **fields)
                assert answer.status_code == 422
                assert said in words(answer.text)
        assert (await post_form(browser, "/keys/nobody/revoke")).status_code == 404


async def test_an_administrator_of_one_tenant_manages_no_keys(app, database):
    async with signed_in(app, await a_key(database, "ops", "admin", TENANT)) as browser:
        assert (await browser.get("/keys")).status_code == 403
        assert (await post_form(browser, "/keys", name="all", scope="admin")).status_code == 403
        assert (await post_form(browser, "/keys/ops/revoke")).status_code == 403
    async with database.reading() as db:
        assert [row["name"] for row in await keys.list_keys(db)] == ["ops"]


async def test_revoked_and_expired_keys_are_marked(app, database):
    await a_key(database, "old")
    async with database.begin() as db:
        await keys.revoke(db, "old", NOW)
        await keys.create(db, "late", "read", None, NOW, expires_at=NOW)
    async with signed_in(app) as browser:
        said = words((await browser.get("/keys")).text)
    assert "late expired read" in said
    assert "old revoked read" in said


async def test_the_form_offers_the_sites_and_an_unknown_one_is_mentioned(app, database):
    async with database.begin() as db:
        row = building_file.read(b"10.20.4.0,AAR-2-wifi,24,AAR-2,,,,Aarhus,,DK,,,1,0,0\n").rows
        await imports.add_buildings(db, row, Period(), NOW)
    async with signed_in(app) as browser:
        known = await post_form(browser, "/keys", name="aarhus", scope="read", site="AAR-2")
        assert '<option value="AAR-2">' in known.text
        assert KEY.search(known.text)
        assert "Check the name" not in known.text
        unknown = await post_form(browser, "/keys", name="odense", scope="read", site="ODE-1")
        assert KEY.search(unknown.text)
        assert "The building file has no site ODE-1. Check the name." in words(unknown.text)
