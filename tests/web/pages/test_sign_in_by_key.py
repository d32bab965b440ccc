"""Sign-in with a key and sign-out: the cookie, what ends the session, and redirects."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import select

from app.access import keys
from app.access.tables import api_keys
from app.db import metadata
from app.web.auth import page_paths
from app.web.graph_api.context import GraphContext
from app.web.graph_api.public_origin import Origins
from app.web.request_body import RequestBodies
from tests.some import some
from tests.waiting import until
from tests.web.application import KEY, TENANT, opened
from tests.web.auth.guarded import NOW, OURS, THEIRS, a_key, ours, theirs
from tests.web.pages.browser_client import (
    a_browser,
    cookies_of,
    form_token,
    post_form,
    post_key,
    problem,
    redirect_of,
    signed_in,
)

pytestmark = pytest.mark.anyio

COOKIE = "__Host-callkeeper_session"


async def test_a_key_signs_in_and_is_in_no_cookie(app):
    async with a_browser(app) as browser:
        assert redirect_of(await browser.get("/calls?quality=poor")) == "/sign-in?next=%2Fcalls%3Fquality%3Dpoor"
        answer = await post_key(browser, next="/calls?quality=poor")
        assert redirect_of(answer) == "/calls?quality=poor"
        value, attributes = cookies_of(answer)[COOKIE]
        assert {"secure", "httponly", "samesite=lax", "path=/", "max-age=28800"} <= attributes
        assert not [one for one in attributes if one.startswith("domain")]
        assert KEY not in value
        assert (await browser.get("/calls")).status_code == 200


async def test_without_https_the_cookie_has_its_plain_name(app):
    async with a_browser(app, "http://127.0.0.1:8000") as browser:
        cookie = cookies_of(await post_key(browser))
        assert "secure" not in cookie["callkeeper_session"][1]
        assert (await browser.get("/calls")).status_code == 200


async def test_with_an_https_public_url_cookies_are_secure_and_browsers_are_sent_to_https(database, metrics):
    """Also where the proxy that terminates TLS does not say so."""
    graph = GraphContext(Origins((), "https://we.example"))
    async with opened(database, metrics, graph=graph) as app, a_browser(app, "http://10.0.0.1:8000") as browser:
        page = await browser.get("/sign-in")
        assert 'Open <a href="https://we.example/sign-in">' in page.text
        answer = await post_key(browser)
        assert "secure" in cookies_of(answer)["callkeeper_session"][1]
        for path in ("/sign-in", "/calls", "/api/calls", "/healthz", "/static/app.css", "/nowhere"):
            assert (await browser.get(path)).headers["strict-transport-security"] == "max-age=31536000"


async def test_without_an_https_public_url_there_is_no_hsts(app):
    async with a_browser(app) as browser:
        assert "strict-transport-security" not in (await browser.get("/sign-in")).headers


async def test_over_https_a_cookie_without_the_host_prefix_is_ignored(app):
    async with signed_in(app) as browser:
        planted = browser.cookies[COOKIE]
    async with a_browser(app) as browser:
        browser.cookies.set("callkeeper_session", planted)
        assert redirect_of(await browser.get("/")) == "/sign-in"


@pytest.mark.parametrize("key", ["", "wrong", "ck_" + "a" * 43, "é\x00", "x" * 9000])
async def test_a_wrong_key_is_refused_and_counted(app, metrics, key):
    async with a_browser(app) as browser:
        answer = await post_key(browser, key)
    assert (answer.status_code, cookies_of(answer)) == (401, {})
    assert problem(answer) == "This key is not valid. Check that you copied it completely."
    assert (key or "…") not in answer.text.replace("xxxx", "")
    assert metrics.refused.labels(reason="key")._value.get() == 1


ELSEWHERE = [
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
]


async def test_a_sign_in_never_redirects_to_another_site(app, subtests):
    for elsewhere in ELSEWHERE:
        with subtests.test(elsewhere=elsewhere):
            async with a_browser(app) as browser:
                assert redirect_of(await post_key(browser, next=elsewhere)) == "/"


async def test_an_address_with_escapes_survives_the_sign_in(app):
    path = "/people/%2B49%2F30%3F?range=7d"
    async with a_browser(app) as browser:
        wanted = redirect_of(await browser.get(path)).partition("next=")[2]
        assert page_paths.safe(path) == path
        assert wanted == "%2Fpeople%2F%252B49%252F30%253F%3Frange%3D7d"


async def test_a_cookie_is_valid_for_eight_hours(app):
    with time_machine.travel(datetime.now(UTC), tick=False) as clock:
        async with signed_in(app) as browser:
            copied = browser.cookies[COOKIE]
            clock.shift(timedelta(hours=8, seconds=-1))
            assert (await browser.get("/calls", headers={"Cookie": f"{COOKIE}={copied}"})).status_code == 200
            clock.shift(timedelta(seconds=2))
            ended = await browser.get("/calls", headers={"Cookie": f"{COOKIE}={copied}"})
    assert redirect_of(ended) == "/sign-in?next=%2Fcalls"


async def test_signing_out_invalidates_a_copied_cookie(app):
    async with signed_in(app) as browser:
        copied = browser.cookies[COOKIE]
        answer = await post_form(browser, "/sign-out")
        assert redirect_of(answer) == "/sign-in?out=1"
        assert {"max-age=0", "secure", "path=/"} <= cookies_of(answer)[COOKIE][1]
        assert COOKIE not in browser.cookies
        assert "You are signed out." in (await browser.get("/sign-in?out=1")).text
    async with a_browser(app) as copied_browser:
        copied_browser.cookies.set(COOKIE, copied)
        assert redirect_of(await copied_browser.get("/")) == "/sign-in"
        assert (await copied_browser.get("/api/calls")).status_code == 401


async def test_signing_in_again_ends_the_session_before(app, database):
    async with signed_in(app) as browser:
        first = browser.cookies[COOKIE]
        await post_key(browser, await a_key(database, "another"))
        assert browser.cookies[COOKIE] != first
    async with a_browser(app) as copied_browser:
        copied_browser.cookies.set(COOKIE, first)
        assert redirect_of(await copied_browser.get("/")) == "/sign-in"


async def test_a_revoked_key_ends_its_sessions_at_once(app, database):
    async with signed_in(app, await a_key(database, "reports")) as browser:
        assert (await browser.get("/calls")).status_code == 200
        async with database.begin() as db:
            await keys.revoke(db, "reports", NOW)
        assert redirect_of(await browser.get("/")) == "/sign-in"


async def test_a_key_that_expires_ends_its_sessions(app, database):
    async with signed_in(app, await a_key(database, "reports")) as browser:
        assert (await browser.get("/calls")).status_code == 200
        async with database.begin() as db:
            await db.execute(api_keys.update().values(expires_at=datetime.now(UTC) - timedelta(seconds=1)))
        assert redirect_of(await browser.get("/")) == "/sign-in"


async def test_a_session_has_the_rights_that_the_row_of_its_key_has_now(app, database):
    async with signed_in(app, await a_key(database, "reports", "admin")) as browser:
        assert (await browser.get("/api/audit")).status_code == 200
        async with database.begin() as db:
            await db.execute(api_keys.update().values(scope="read", tenants=f'["{TENANT}"]'))
        assert (await browser.get("/api/audit")).status_code == 403


async def test_a_cookie_that_is_made_from_everything_in_the_database_gives_no_access(app, database):
    async with signed_in(app, await a_key(database, "reports")) as browser:
        await form_token(browser)
        async with database.reading() as db:
            rows = [
                dict(row) for table in metadata.sorted_tables for row in (await db.execute(select(table))).mappings()
            ]
        [secret] = [row["value"] for row in rows if row.get("name") == "sessions"]
        [session] = [row for row in rows if "token_sha256" in row]
        signer = URLSafeTimedSerializer(secret, salt="callkeeper session")
        forged = [
            session["token_sha256"],
            session["id"],
            signer.dumps([session["id"], "reports", "admin", None, None]),
            signer.dumps([session["id"], "API_KEY", "admin", None, session["token_sha256"]]),
        ]
    for cookie in forged:
        async with a_browser(app) as stranger:
            stranger.cookies.set(COOKIE, cookie)
            assert redirect_of(await stranger.get("/")) == "/sign-in"


async def test_a_changed_api_key_ends_its_sessions(app, database, metrics):
    async with signed_in(app) as browser:
        cookie = browser.cookies[COOKIE]
    for other in ("another key", None):
        async with opened(database, metrics, key=other) as changed, a_browser(changed) as browser:
            browser.cookies.set(COOKIE, cookie)
            assert redirect_of(await browser.get("/")) == "/sign-in"


async def test_a_session_is_valid_after_a_restart_and_on_other_replicas(app, database, metrics):
    async with signed_in(app) as browser:
        cookie = browser.cookies[COOKIE]
    async with opened(database, metrics) as other, a_browser(other) as browser:
        browser.cookies.set(COOKIE, cookie)
        assert (await browser.get("/calls")).status_code == 200


CHANGES = [lambda c: c[:-2] + "..", lambda c: "x" + c, lambda _: "", lambda _: "a.b.c"]


async def test_a_changed_cookie_is_refused(app, subtests):
    for change in CHANGES:
        with subtests.test(change=change):
            async with signed_in(app) as browser:
                browser.cookies.set(COOKIE, change(browser.cookies[COOKIE]), domain="we.example")
                answer = await browser.get("/", headers={"Cookie": f"{COOKIE}={change(browser.cookies[COOKIE])}"})
                assert redirect_of(answer) == "/sign-in"


async def test_a_session_reads_the_api_but_changes_nothing_there(app):
    async with signed_in(app) as browser:
        assert (await browser.get("/api/calls")).status_code == 200
        assert (await browser.post(f"/api/calls/{TENANT}/refetch")).status_code == 401
        assert (await browser.get("/api/calls", headers={"X-API-Key": "wrong"})).status_code == 401


async def test_a_sign_in_and_a_sign_out_are_in_the_audit_without_a_value(app, api):
    async with signed_in(app) as browser:
        await post_form(browser, "/sign-out")
    entries = (await api.get("/api/audit")).json()["items"]
    recorded = [(e["who"], e["method"], e["route"], e["status"]) for e in entries]
    assert recorded[0] == ("API_KEY", "POST", "/sign-out", 303)
    assert recorded[-1] == ("API_KEY", "POST", "/sign-in", 303)


async def test_a_sign_in_that_cannot_be_recorded_is_refused(app, monkeypatch):
    async def fails(*_):
        raise TimeoutError

    monkeypatch.setattr("app.access.audit.write", fails)
    async with a_browser(app) as browser:
        answer = await post_key(browser)
    assert (answer.status_code, cookies_of(answer), "retry-after" in answer.headers) == (503, {}, True)


SITES = [
    ({"Sec-Fetch-Site": "cross-site"}, 403),
    ({"Sec-Fetch-Site": "same-site"}, 403),
    ({"Sec-Fetch-Site": None, "Origin": "https://evil.example"}, 403),
    ({"Sec-Fetch-Site": None, "Origin": "null"}, 403),
    ({"Sec-Fetch-Site": None, "Origin": "https://we.example"}, 303),
    ({"Sec-Fetch-Site": None}, 303),
]


async def test_another_site_cannot_sign_a_user_in(app, subtests):
    """Signed in with the other site's key, a user's searches would be in that key's audit."""
    for headers, status in SITES:
        with subtests.test(headers=headers, status=status):
            async with a_browser(app, headers=headers) as browser:
                assert (await post_key(browser)).status_code == status


async def test_a_huge_form_and_one_of_many_fields_are_refused(app):
    async with a_browser(app) as browser:
        huge = await post_key(browser, "x" * 20_000)
        many = await post_key(browser, **{f"field{number}": "x" for number in range(60)})
    assert (huge.status_code, many.status_code) == (413, 422)


async def test_a_form_that_does_not_arrive_is_a_408(database, metrics):
    async def stalled():
        yield b"key="
        await asyncio.Event().wait()

    forms = RequestBodies("A form", largest=100, all_bytes=100, seconds=0.01)
    async with opened(database, metrics, forms=forms) as app, a_browser(app) as browser:
        answer = await browser.post("/sign-in", content=stalled())
    assert answer.status_code == 408
    assert "The body was not complete in time." in answer.text


async def test_behind_a_path_prefix_every_redirect_has_the_prefix(database, metrics):
    graph = GraphContext(Origins((), "https://proxy.example/teams"))
    async with opened(database, metrics, graph=graph) as app, a_browser(app, "https://proxy.example") as browser:
        assert redirect_of(await browser.get("/calls")) == "/teams/sign-in?next=%2Fcalls"
        answer = await post_key(browser, next="/calls")
        assert redirect_of(answer) == "/teams/calls"
        assert 'action="/teams/sign-out"' in (await browser.get("/calls")).text
        assert redirect_of(await post_form(browser, "/sign-out")) == "/teams/sign-in?out=1"


async def test_a_form_token_of_another_session_is_refused(app):
    async with signed_in(app) as one, signed_in(app) as other:
        answer = await other.post("/sign-out", data={"form_token": await form_token(one)})
        assert answer.status_code == 403
        assert (await other.get("/calls")).status_code == 200


async def test_new_calls_are_not_sent_to_an_ended_session(app, database):
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
        await until(lambda: any(OURS in text for text in said), details=lambda: said)
        await post_form(browser, "/sign-out")
        await theirs(database)
        await asyncio.wait_for(stream, 10)
    assert not any(THEIRS in text for text in some(said))
