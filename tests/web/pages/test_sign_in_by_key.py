"""Signing in with a key, and out: what the cookie is, what ends it, and where one is led."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from app.access import keys
from app.web.auth import page_paths
from app.web.graph_api.context import GraphContext
from app.web.graph_api.public_origin import Origins
from tests.waiting import until
from tests.web.auth.guarded import NOW, OURS, THEIRS, a_key, ours, theirs
from tests.web.doors import KEY, TENANT, opened
from tests.web.pages.signed import browsing, cookies_of, form_token, leads_to, problem, sends, signed_in, signs_in

pytestmark = pytest.mark.anyio

COOKIE = "__Host-callkeeper_session"


async def test_a_key_opens_the_pages_and_is_in_no_cookie(app):
    async with browsing(app) as browser:
        assert leads_to(await browser.get("/calls?quality=poor")) == "/sign-in?next=%2Fcalls%3Fquality%3Dpoor"
        answer = await signs_in(browser, next="/calls?quality=poor")
        assert leads_to(answer) == "/calls?quality=poor"
        value, attributes = cookies_of(answer)[COOKIE]
        assert {"secure", "httponly", "samesite=lax", "path=/", "max-age=28800"} <= attributes
        assert not [one for one in attributes if one.startswith("domain")]
        assert KEY not in value
        assert (await browser.get("/calls")).status_code == 200


async def test_without_https_the_cookie_has_its_plain_name(app):
    async with browsing(app, "http://127.0.0.1:8000") as browser:
        cookie = cookies_of(await signs_in(browser))
        assert "secure" not in cookie["callkeeper_session"][1]
        assert (await browser.get("/calls")).status_code == 200


async def test_over_https_a_cookie_that_a_neighbour_can_plant_is_not_read(app):
    async with signed_in(app) as browser:
        planted = browser.cookies[COOKIE]
    async with browsing(app) as browser:
        browser.cookies.set("callkeeper_session", planted)
        assert leads_to(await browser.get("/")) == "/sign-in"


@pytest.mark.parametrize("key", ["", "wrong", "ck_" + "a" * 43, "é\x00", "x" * 9000])
async def test_a_wrong_key_opens_nothing_and_is_counted(app, metrics, key):
    async with browsing(app) as browser:
        answer = await signs_in(browser, key)
    assert (answer.status_code, cookies_of(answer)) == (401, {})
    assert problem(answer) == "That key is not valid. Check that it is whole."
    assert (key or "…") not in answer.text.replace("xxxx", "")
    assert metrics.refused.labels(reason="key")._value.get() == 1


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/",
        "//evil.example/calls",
        "/\\evil.example",
        "/\t/evil.example",
        "javascript:alert(1)",
        "calls",
        "/api/calls",
        "/sign-out",
        "/live",
        "//[calls",
        "/calls\r\nSet-Cookie: a=b",
        "/calls?" + "x" * 3000,
        "/docs",
    ],
)
async def test_no_sign_in_leads_elsewhere(app, elsewhere):
    async with browsing(app) as browser:
        assert leads_to(await signs_in(browser, next=elsewhere)) == "/"


async def test_an_address_with_escapes_is_found_again(app):
    path = "/people/%2B49%2F30%3F?range=7d"
    async with browsing(app) as browser:
        wanted = leads_to(await browser.get(path)).partition("next=")[2]
        assert page_paths.safe(path) == path
        assert wanted == "%2Fpeople%2F%252B49%252F30%253F%3Frange%3D7d"


async def test_a_cookie_is_good_for_eight_hours(app):
    with time_machine.travel(datetime.now(UTC), tick=False) as clock:
        async with signed_in(app) as browser:
            copied = browser.cookies[COOKIE]
            clock.shift(timedelta(hours=8, seconds=-1))
            assert (await browser.get("/calls", headers={"Cookie": f"{COOKIE}={copied}"})).status_code == 200
            clock.shift(timedelta(seconds=2))
            ended = await browser.get("/calls", headers={"Cookie": f"{COOKIE}={copied}"})
    assert leads_to(ended) == "/sign-in?next=%2Fcalls"


async def test_signing_out_ends_it_for_whoever_copied_the_cookie(app):
    async with signed_in(app) as browser:
        copied = browser.cookies[COOKIE]
        answer = await sends(browser, "/sign-out")
        assert leads_to(answer) == "/sign-in?out=1"
        assert {"max-age=0", "secure", "path=/"} <= cookies_of(answer)[COOKIE][1]
        assert COOKIE not in browser.cookies
        assert "You are signed out." in (await browser.get("/sign-in?out=1")).text
    async with browsing(app) as thief:
        thief.cookies.set(COOKIE, copied)
        assert leads_to(await thief.get("/")) == "/sign-in"
        assert (await thief.get("/api/calls")).status_code == 401


async def test_signing_in_again_ends_the_session_before(app, database):
    async with signed_in(app) as browser:
        first = browser.cookies[COOKIE]
        await signs_in(browser, await a_key(database, "another"))
        assert browser.cookies[COOKIE] != first
    async with browsing(app) as thief:
        thief.cookies.set(COOKIE, first)
        assert leads_to(await thief.get("/")) == "/sign-in"


async def test_a_revoked_key_ends_its_sessions_at_once(app, database):
    async with signed_in(app, await a_key(database, "reports")) as browser:
        assert (await browser.get("/calls")).status_code == 200
        async with database.begin() as db:
            await keys.revoke(db, "reports", NOW)
        assert leads_to(await browser.get("/")) == "/sign-in"


async def test_a_changed_api_key_ends_its_sessions(app, database, metrics):
    async with signed_in(app) as browser:
        cookie = browser.cookies[COOKIE]
    for other in ("another key", None):
        async with opened(database, metrics, key=other) as changed, browsing(changed) as browser:
            browser.cookies.set(COOKIE, cookie)
            assert leads_to(await browser.get("/")) == "/sign-in"


async def test_a_session_holds_after_a_restart_and_at_other_replicas(app, database, metrics):
    async with signed_in(app) as browser:
        cookie = browser.cookies[COOKIE]
    async with opened(database, metrics) as other, browsing(other) as browser:
        browser.cookies.set(COOKIE, cookie)
        assert (await browser.get("/calls")).status_code == 200


@pytest.mark.parametrize("change", [lambda c: c[:-2] + "xx", lambda c: "x" + c, lambda _: "", lambda _: "a.b.c"])
async def test_a_cookie_that_was_changed_opens_nothing(app, change):
    async with signed_in(app) as browser:
        browser.cookies.set(COOKIE, change(browser.cookies[COOKIE]), domain="we.example")
        answer = await browser.get("/", headers={"Cookie": f"{COOKIE}={change(browser.cookies[COOKIE])}"})
        assert leads_to(answer) == "/sign-in"


async def test_a_session_reads_the_api_but_changes_nothing_there(app):
    async with signed_in(app) as browser:
        assert (await browser.get("/api/calls")).status_code == 200
        assert (await browser.post(f"/api/calls/{TENANT}/refetch")).status_code == 401
        assert (await browser.get("/api/calls", headers={"X-API-Key": "wrong"})).status_code == 401


async def test_a_sign_in_and_a_sign_out_are_in_the_audit_without_a_value(app, api):
    async with signed_in(app) as browser:
        await sends(browser, "/sign-out")
    entries = (await api.get("/api/audit")).json()["items"]
    told = [(e["who"], e["method"], e["route"], e["status"]) for e in entries]
    assert told[0] == ("API_KEY", "POST", "/sign-out", 303)
    assert told[-1] == ("API_KEY", "POST", "/sign-in", 303)


async def test_a_sign_in_that_cannot_be_recorded_is_none(app, monkeypatch):
    async def fails(*_):
        raise TimeoutError

    monkeypatch.setattr("app.access.audit.write", fails)
    async with browsing(app) as browser:
        answer = await signs_in(browser)
    assert (answer.status_code, cookies_of(answer), "retry-after" in answer.headers) == (503, {}, True)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": None, "Origin": "https://evil.example"}, 403),
        ({"Sec-Fetch-Site": None, "Origin": "null"}, 403),
        ({"Sec-Fetch-Site": None, "Origin": "https://we.example"}, 303),
        ({"Sec-Fetch-Site": None}, 303),
    ],
)
async def test_nobody_is_signed_in_by_another_site(app, headers, status):
    """Whom another site signs in with its own key would tell it what he searches for."""
    async with browsing(app, headers=headers) as browser:
        assert (await signs_in(browser)).status_code == status


async def test_a_huge_form_and_one_of_many_fields_are_refused(app):
    async with browsing(app) as browser:
        huge = await signs_in(browser, "x" * 20_000)
        many = await signs_in(browser, **{f"field{number}": "x" for number in range(60)})
    assert (huge.status_code, many.status_code) == (413, 422)


async def test_below_a_path_of_a_proxy_every_way_keeps_the_path(database, metrics):
    graph = GraphContext(Origins((), "https://proxy.example/teams"))
    async with opened(database, metrics, graph=graph) as app, browsing(app, "https://proxy.example") as browser:
        assert leads_to(await browser.get("/calls")) == "/teams/sign-in?next=%2Fcalls"
        answer = await signs_in(browser, next="/calls")
        assert leads_to(answer) == "/teams/calls"
        assert 'action="/teams/sign-out"' in (await browser.get("/calls")).text
        assert leads_to(await sends(browser, "/sign-out")) == "/teams/sign-in?out=1"


async def test_a_form_token_of_another_session_is_refused(app):
    async with signed_in(app) as one, signed_in(app) as other:
        answer = await other.post("/sign-out", data={"form_token": await form_token(one)})
        assert answer.status_code == 403
        assert (await other.get("/calls")).status_code == 200


async def test_what_arrives_is_not_shown_to_a_session_that_was_ended(app, database):
    """A stream stays open for minutes; who copied the cookie has one, too."""
    said = []

    async def send(message):
        said.append(message.get("body", b"").decode())

    async with signed_in(app) as browser:
        request = browser.build_request("GET", "/live?after=0")
        raw = [(name.lower(), value) for name, value in request.headers.raw]
        scope = {"type": "http", "method": "GET", "scheme": "https", "path": "/live", "query_string": b"after=0"}
        stream = asyncio.create_task(app(scope | {"headers": raw, "http_version": "1.1"}, asyncio.Event().wait, send))
        await ours(database)
        await until(lambda: any(OURS in text for text in said), told=lambda: said)
        await sends(browser, "/sign-out")
        await theirs(database)
        await asyncio.wait_for(stream, 10)
    assert not any(THEIRS in text for text in said)
