"""Every route of the pages: access, audit, forms and security headers."""

import asyncio

import httpx
import pytest

from app.web.pages.shared.render import POLICY
from tests.some import some
from tests.web.application import KEY, OTHER, TENANT, opened
from tests.web.auth.guarded import OURS, THEIRS, a_key, content_of, ours, theirs
from tests.web.pages.browser_client import a_browser, form_token, redirect_of, signed_in
from tests.web.pages.page_routes import GUARDED, PAGES, POSTS, STREAMS, address

pytestmark = pytest.mark.anyio


@pytest.fixture
async def two(database):
    await theirs(database)
    await ours(database)


def test_all_pages_are_found():
    assert {"/", "/calls", "/calls/{call_id}", "/quality", "/people/{person_id}", "/audit"} <= set(PAGES)
    assert {"/sign-in", "/sign-out", "/zone", "/inbox/retry", "/calls/{call_id}/refetch"} <= set(POSTS)


async def test_without_a_session_every_page_redirects_to_the_sign_in(app, two):
    async with a_browser(app) as browser:
        for method, path in GUARDED:
            answer = await browser.request(method, address(path))
            assert redirect_of(answer).startswith("/sign-in"), path
            assert OURS not in answer.text


async def test_every_page_is_in_the_audit_by_its_route_without_values(app, api, database, two):
    key = await a_key(database, "ops", "admin")
    async with signed_in(app, key) as browser:
        for path in PAGES:
            answer = await browser.get(address(path), params={"q": "Lovelace"})
            newest = (await api.get("/api/audit", params={"who": "ops", "limit": 1})).json()["items"][0]
            assert (newest["method"], newest["route"], newest["status"]) == ("GET", path, answer.status_code)
            assert "Lovelace" not in str(newest)


async def test_every_form_without_its_token_or_from_another_site_is_refused(app, two):
    async with signed_in(app) as browser:
        token = await form_token(browser)
        for path in POSTS:
            bare = await browser.post(address(path), data={"key": "x", "next": "/"})
            assert bare.status_code == (401 if path == "/sign-in" else 403), path
            wrong = await browser.post(address(path), data={"form_token": token + "x"})
            assert wrong.status_code == (401 if path == "/sign-in" else 403), path
            foreign = {"Sec-Fetch-Site": "cross-site"}
            forged = await browser.post(address(path), data={"form_token": token, "key": KEY}, headers=foreign)
            assert forged.status_code == 403, path
        assert (await browser.get("/calls")).status_code == 200


async def test_a_form_with_a_key_in_a_header_is_refused(app, two):
    async with a_browser(app, headers={"Authorization": f"Bearer {KEY}"}) as browser:
        for path in set(POSTS) - {"/sign-in"}:
            assert (await browser.post(address(path), data={})).status_code == 403, path


@pytest.mark.parametrize("scope", ["read", "admin"])
async def test_a_key_of_one_tenant_sees_only_that_tenant_on_every_page(app, database, scope):
    """Each page says the same whether or not another tenant has calls, and never a word of them."""
    await ours(database)
    async with signed_in(app, await a_key(database, "reports", scope, TENANT)) as browser:
        before = {path: content_of(await browser.get(address(path))) for path in PAGES}
        await theirs(database)
        for path in PAGES:
            answer = await browser.get(address(path))
            assert answer.status_code == before[path][0], path
            shown = [one for one in ("Brunhild", THEIRS) if one in answer.text]
            assert shown == [], path
            if path != "/audit":
                assert OTHER not in answer.text, path
        for path in some(path for path in PAGES if "{call_id}" in path or "{person_id}" in path):
            answer = await browser.get(address(path).replace(OURS, THEIRS))
            assert "Brunhild" not in answer.text, path


def strict(answer):
    """The headers that keep others out, as far as they are missing."""
    wanted = {
        "content-security-policy": POLICY,
        "x-content-type-options": "nosniff",
        "referrer-policy": "same-origin",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        "cache-control": "no-store",
    }
    return {name for name, value in wanted.items() if answer.headers.get(name) != value}


async def test_every_page_redirect_and_error_has_the_security_headers(app, two):
    async with a_browser(app) as signed_out, signed_in(app) as browser:
        for _, path in GUARDED:
            assert strict(await signed_out.get(address(path))) == set(), path
        for path in [*PAGES, "/calls/nothing", "/nothing", "/sign-in", "/sign-out", "/calls?from=x", "/sign-in/entra"]:
            assert strict(await browser.get(address(path))) == set(), path
        assert strict(await browser.post("/sign-out")) == set()
        assert "unsafe" not in POLICY


async def test_the_event_stream_has_the_security_headers(app):
    async with signed_in(app) as browser:
        for path in STREAMS:
            assert strict(await begun(app, browser, path)) == set()


async def begun(app, browser, path):
    """An answer that has no end, as far as its headers."""
    seen = asyncio.get_running_loop().create_future()

    async def send(message):
        if message["type"] == "http.response.start":
            seen.set_result(httpx.Response(message["status"], headers=message["headers"]))

    request = browser.build_request("GET", path)
    raw = [(name.lower(), value) for name, value in request.headers.raw]
    scope = {"type": "http", "method": "GET", "scheme": "https", "path": path, "query_string": b"", "headers": raw}
    asked = asyncio.create_task(app(scope | {"http_version": "1.1"}, asyncio.Event().wait, send))
    answer = await seen
    asked.cancel()
    await asyncio.gather(asked, return_exceptions=True)
    return answer


async def test_an_internal_error_is_a_page_without_details(app, monkeypatch):
    def broken(*_, **__):
        raise ZeroDivisionError("a secret")

    async with signed_in(app) as browser:
        monkeypatch.setattr("app.web.pages.operations.overview.page", broken)
        answer = await browser.get("/")
    assert (answer.status_code, strict(answer)) == (500, set())
    assert "Internal error" in answer.text
    assert "secret" not in answer.text


async def test_without_the_database_every_page_says_so(app, database, monkeypatch, two):
    def away(*_, **__):
        raise ConnectionRefusedError

    async with signed_in(app) as browser, a_browser(app) as signed_out:
        monkeypatch.setattr(type(database), "reading", away)
        monkeypatch.setattr(type(database), "begin", away)
        for path in PAGES:
            answer = await browser.get(address(path))
            assert (answer.status_code, answer.headers["content-type"][:9]) == (503, "text/html"), path
            assert ("The database does not answer" in answer.text, strict(answer)) == (True, set())
        assert (await signed_out.post("/sign-in", data={"key": "ck_" + "a" * 43})).status_code == 503
        assert (await browser.get("/api/calls", headers={"Accept": "*/*"})).status_code == 503


async def test_a_database_that_fails_after_access_control_is_a_503_too(app, monkeypatch):
    async def away(*_, **__):
        raise ConnectionRefusedError

    async with signed_in(app) as browser:
        monkeypatch.setattr("app.web.pages.operations.overview.page", away)
        answer = await browser.get("/")
    assert (answer.status_code, "The database does not answer" in answer.text) == (503, True)
    assert "retry-after" in answer.headers


async def test_a_page_that_cannot_be_recorded_is_not_shown(app, monkeypatch, two):
    async def fails(*_):
        raise TimeoutError

    async with signed_in(app) as browser:
        monkeypatch.setattr("app.access.audit.write", fails)
        answer = await browser.get(f"/calls/{OURS}")
    assert (answer.status_code, "Adalbert" in answer.text, "could not be recorded" in answer.text) == (503, False, True)


async def test_a_page_answers_head_like_get(app, two, subtests):
    for path in [*(path for path in PAGES if path not in {"/calls.csv", "/audit.csv"}), "/sign-in"]:
        with subtests.test(path=path):
            async with signed_in(app) as browser:
                head, get = await browser.head(address(path)), await browser.get(address(path))
            assert (head.status_code, head.headers["content-type"]) == (get.status_code, get.headers["content-type"])


async def test_another_method_is_a_page_that_names_the_right_one(app):
    async with signed_in(app) as browser:
        answer = await browser.request("DELETE", "/calls")
        looked_at = await browser.get("/sign-out")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET")
    assert (looked_at.status_code, looked_at.headers["allow"]) == (405, "POST")
    assert "use the buttons of the page" in looked_at.text


async def test_an_unknown_path_is_a_page_for_browsers_and_a_document_for_programs(app):
    async with a_browser(app) as browser:
        page = await browser.get("/nothing")
        document = await browser.get("/nothing", headers={"Accept": "application/json"})
    assert (page.status_code, "There is no page at this address" in page.text) == (404, True)
    assert (document.status_code, document.headers["content-type"]) == (404, "application/problem+json")


async def test_without_any_key_every_sign_in_is_refused(database, metrics):
    async with opened(database, metrics, key=None) as app, a_browser(app) as browser:
        for key in ("", "None", KEY):
            assert (await browser.post("/sign-in", data={"key": key})).status_code == 401
