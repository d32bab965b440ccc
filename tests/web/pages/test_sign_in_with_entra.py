"""Sign-in with Entra ID, with the real msal over https: who is signed in, what they see, and who is refused."""

import re
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import time_machine

from app.graph.auth.credentials import Secret
from app.graph.auth.sign_in import SignIn
from app.simulator.login.people import ADMIN, READER, WITHOUT_ROLE, Person
from app.web.pages.sign_in import flow_cookie
from tests.access.entra import another_key, entra
from tests.web.application import OTHER, opened
from tests.web.auth.guarded import OURS, THEIRS, calls_of
from tests.web.pages.browser_client import a_browser, cookies_of, post_form, post_key, problem, redirect_of
from tests.web.pages.entra_sign_ins import EntraSignIns

pytestmark = pytest.mark.anyio

SESSION, FLOW = "__Host-callkeeper_session", "__Host-callkeeper_entra"
FOREIGNER = Person("00000000-0000-4000-8000-0000000000fe", "Fay Foreign", OTHER, ("CallRecords.Admin",))


@pytest.fixture(scope="session")
def signing_key():
    return another_key()


@pytest.fixture
async def people(tmp_path, signing_key):
    async with entra(tmp_path / "ca.pem", signing_key) as login:
        yield EntraSignIns(login, tmp_path / "ca.pem")


@pytest.fixture
async def app(database, metrics, people):
    async with people.app(database, metrics) as app:
        yield app


async def audited(database, app):
    from app.access import audit  # noqa: PLC0415

    async with database.reading() as db:
        return [(e["who"], e["scope"], e["method"], e["route"], e["status"]) for e in await audit.read(db)]


async def test_a_user_with_a_role_is_signed_in_and_sent_to_the_requested_page(app, people):
    async with a_browser(app) as browser:
        page = await browser.get(redirect_of(await browser.get("/calls?quality=poor")))
        link = re.search(r'href="(/sign-in/entra[^"]*)"', page.text)[1]
        there = (await browser.get(link)).headers["location"]
        answer = await browser.get(await people.choose(there, READER))
        assert redirect_of(answer) == "/calls?quality=poor"
        assert {"secure", "httponly", "samesite=lax", "path=/", "max-age=28800"} <= cookies_of(answer)[SESSION][1]
        assert FLOW not in browser.cookies
        assert (await browser.get("/calls")).status_code == 200
        assert (await browser.get("/audit")).status_code == 403


async def test_the_authorization_request_has_pkce_state_and_nonce_and_no_page(app, people):
    async with a_browser(app) as browser:
        first, second = [parse_qs(urlsplit(await people.leave(browser, "/calls")).query) for _ in range(2)]
    assert (first["code_challenge_method"], first["response_mode"]) == (["S256"], ["query"])
    assert first["redirect_uri"] == ["https://we.example/sign-in/entra/callback"]
    assert set(first["scope"][0].split()) == {"openid", "profile"}
    assert not [name for name in ("state", "nonce", "code_challenge") if first[name] == second[name]]
    assert "/calls" not in str(first)


async def test_the_admin_role_opens_the_pages_for_admins(app, people):
    async with people.signed_in(app, ADMIN) as browser:
        assert (await browser.get("/inbox")).status_code == 200


async def test_the_audit_records_the_object_id_and_no_name(app, people, database):
    async with people.signed_in(app, READER) as browser:
        page = await browser.get("/calls")
    assert ("Rolf" in page.text, READER.id in page.text) == (False, True)
    entries = await audited(database, app)
    assert entries[-1] == (READER.id, "read", "GET", "/sign-in/entra/callback", 303)
    assert "Rolf" not in str(entries)


async def test_a_user_without_a_role_is_refused_and_reads_who_assigns_one(app, people, database, metrics):
    async with a_browser(app) as browser:
        answer = await people.sign_in(browser, WITHOUT_ROLE)
        assert (answer.status_code, SESSION in browser.cookies) == (403, False)
        assert "CallRecords.Read" in problem(answer)
        assert "Users and groups" in problem(answer)
    assert await audited(database, app) == [(WITHOUT_ROLE.id, None, "GET", "/sign-in/entra/callback", 403)]
    assert metrics.refused.labels(reason="role")._value.get() == 1


async def test_a_user_sees_only_calls_of_their_tenant(database, metrics, people):
    people.world.directory.add_tenant(OTHER, "fabrikam.example")
    people.world.directory.add_person(FOREIGNER)
    await calls_of(database, people.tenant, "Adalbert", OURS)
    await calls_of(database, OTHER, "Brunhild", THEIRS)
    async with people.app(database, metrics, [people.tenant, OTHER]) as app:
        for person, sees, not_sees in ((READER, OURS, THEIRS), (FOREIGNER, THEIRS, OURS)):
            async with people.signed_in(app, person) as browser:
                calls = await browser.get("/api/calls")
                assert [call["id"] for call in calls.json()["items"]] == [sees]
                assert (await browser.get(f"/calls/{not_sees}")).status_code == 404


async def test_a_user_of_an_unknown_tenant_is_refused(database, metrics, people):
    people.world.directory.add_tenant(OTHER, "fabrikam.example")
    people.world.directory.add_person(FOREIGNER)
    third = "00000000-0000-4000-8000-0000000000dd"
    async with people.app(database, metrics, [people.tenant, third]) as app, a_browser(app) as browser:
        answer = await people.sign_in(browser, FOREIGNER)
    assert (answer.status_code, SESSION in cookies_of(answer)) == (403, False)
    assert "its tenant is not one of ours" in problem(answer)


async def test_a_response_in_another_browser_is_refused(app, people, metrics):
    """Otherwise an attacker could sign a user in as the attacker and see their searches."""
    async with a_browser(app) as one, a_browser(app) as other:
        answer = await people.choose(await people.leave(one), READER)
        await people.leave(other)
        for other_browser in (other, one):
            if other_browser is one:
                other_browser.cookies.clear()
            refused = await other_browser.get(answer)
            assert (refused.status_code, SESSION in other_browser.cookies) == (400, False)
            assert "was not started in this browser" in problem(refused)
    assert metrics.refused.labels(reason="sign_in")._value.get() == 2
    assert people.world.journal.counts["codes_exchanged"] == 0


async def test_a_response_is_valid_once(app, people):
    async with a_browser(app) as browser:
        answer = await people.choose(await people.leave(browser), READER)
        flow = browser.cookies[FLOW]
        assert redirect_of(await browser.get(answer)) == "/"
        assert (await browser.get(answer)).status_code == 400
    async with a_browser(app) as copied_browser:
        again = await copied_browser.get(answer, headers={"Cookie": f"{FLOW}={flow}"})
    assert (again.status_code, SESSION in cookies_of(again)) == (403, False)
    assert "AADSTS54005" in problem(again)


async def test_a_sign_in_must_finish_within_15_minutes(app, people):
    with time_machine.travel(datetime.now(UTC), tick=False) as clock:
        async with a_browser(app) as browser:
            answer = await people.choose(await people.leave(browser), READER)
            cookie = browser.cookies[FLOW]
            clock.shift(timedelta(seconds=flow_cookie.LIFETIME + 2))
            late = await browser.get(answer, headers={"Cookie": f"{FLOW}={cookie}"})
    assert late.status_code == 400


async def test_the_flow_cookie_can_be_neither_read_nor_changed(app, people):
    async with a_browser(app) as browser:
        there = await people.leave(browser, "/calls")
        cookie, asked = browser.cookies[FLOW], parse_qs(urlsplit(there).query)
        assert not [value for value in (asked["state"][0], asked["nonce"][0], "calls") if value in cookie]
        answer = await people.choose(there, READER)
        changed = cookie[:-4] + ("AAAA" if cookie[-4:] != "AAAA" else "BBBB")
        refused = await browser.get(answer, headers={"Cookie": f"{FLOW}={changed}"})
    assert refused.status_code == 400


@pytest.mark.parametrize(
    ("claims", "why"),
    [
        ({"aud": "another-application"}, "another audience"),
        ({"iss": "https://evil.example/v2.0"}, "its issuer"),
        ({"exp": 1_000_000_000}, "expired"),
        ({"nonce": "another"}, None),
        ({"oid": "Rolf"}, "names no person"),
        ({"tid": OTHER}, "tenant"),
    ],
)
async def test_a_token_that_does_not_match_the_request_is_refused(app, people, claims, why):
    people.world.sign_ins.claims.update(claims)
    async with a_browser(app) as browser:
        answer = await people.sign_in(browser, READER)
        assert SESSION not in browser.cookies
    assert answer.status_code == (403 if why else 503)
    assert (why or "did not respond") in problem(answer)


REFUSALS = [
    (65004, "you did not accept"),
    (65001, "grants admin consent"),
    (50105, "assigns you a role"),
    (53003, "conditional access"),
    (999999, "(AADSTS999999)"),
]


async def test_a_refusal_of_entra_is_explained_with_its_number(app, people, subtests):
    for number, words in REFUSALS:
        with subtests.test(number=number, words=words):
            people.world.change_settings({"sign_in_error": number})
            async with a_browser(app) as browser:
                answer = await people.sign_in(browser, READER, "/calls")
                assert (answer.status_code, FLOW in browser.cookies) == (403, False)
                assert words in problem(answer)
                assert 'href="/sign-in/entra?next=/calls"' in answer.text


async def test_no_text_from_the_address_is_shown(app, people):
    async with a_browser(app) as browser:
        state = parse_qs(urlsplit(await people.leave(browser)).query)["state"][0]
        forged = {
            "state": state,
            "error": "<b>x",
            "error_description": "Call +1 555 0100 now! AADSTS65001 Ada Lovelace",
        }
        answer = await browser.get("/sign-in/entra/callback", params=forged)
    assert not [words for words in ("555", "Ada", "<b>x") if words in answer.text]


async def test_an_expired_client_secret_is_explained_for_the_administrator(database, metrics, people):
    entra_id = people.entra(credential=Secret("an-old-secret"))
    async with people.app(database, metrics, entra=entra_id) as app, a_browser(app) as browser:
        answer = await people.sign_in(browser, READER)
    assert answer.status_code == 403
    assert "AADSTS7000215" in problem(answer)
    assert "an-old-secret" not in answer.text


async def test_an_unavailable_login_is_explained_and_works_later(database, metrics, people):
    people.world.faults.add({"fault": "status", "match": {"path": "openid-configuration"}, "times": 1})
    async with people.app(database, metrics) as app, a_browser(app) as browser:
        away = await browser.get("/sign-in/entra")
        assert (away.status_code, "did not respond" in problem(away)) == (503, True)
        assert redirect_of(await people.sign_in(browser, READER)) == "/"


async def test_without_entras_signing_keys_a_sign_in_is_refused(app, people):
    people.world.faults.add({"fault": "status", "match": {"path": "discovery"}})
    async with a_browser(app) as browser:
        answer = await people.sign_in(browser, READER)
        assert (answer.status_code, SESSION in browser.cookies) == (503, False)


async def test_no_token_is_stored(app, people, database, database_url):
    entra_id = people.entra()
    begun = await entra_id.begin("https://we.example/sign-in/entra/callback")
    answer = await people.choose(begun.url, READER)
    given = {name: values[0] for name, values in parse_qs(urlsplit(answer).query).items()}
    await entra_id.caller(begun.flow, begun.nonce, given)
    cache = entra_id._sign_in._app.token_cache
    assert [list(cache.search(kind)) for kind in ("AccessToken", "RefreshToken", "IdToken", "Account")] == [[]] * 4


async def test_signing_out_ends_the_session(app, people):
    async with people.signed_in(app, READER) as browser:
        cookie = browser.cookies[SESSION]
        assert redirect_of(await post_form(browser, "/sign-out")) == "/sign-in?out=1"
        assert redirect_of(await browser.get("/", headers={"Cookie": f"{SESSION}={cookie}"})) == "/sign-in"


async def test_sessions_end_when_the_sign_in_is_turned_off(database, metrics, people, app):
    async with people.signed_in(app, READER) as browser:
        cookie = browser.cookies[SESSION]
    async with opened(database, metrics, tenant_ids=(people.tenant,)) as without, a_browser(without) as browser:
        browser.cookies.set(SESSION, cookie)
        assert redirect_of(await browser.get("/")) == "/sign-in"
        assert (await browser.get("/sign-in/entra")).status_code == 404
    async with people.app(database, metrics, [OTHER]) as moved, a_browser(moved) as browser:
        browser.cookies.set(SESSION, cookie)
        assert redirect_of(await browser.get("/")) == "/sign-in"


async def test_without_key_sign_in_there_is_no_form_and_no_key_session(database, metrics, people, app):
    async with a_browser(app) as browser:
        await post_key(browser)
        cookie = browser.cookies[SESSION]
    async with people.app(database, metrics, by_key=False) as strict, a_browser(strict) as browser:
        assert 'name="key"' not in (await browser.get("/sign-in")).text
        assert (await post_key(browser)).status_code == 403
        browser.cookies.set(SESSION, cookie)
        assert redirect_of(await browser.get("/")) == "/sign-in"
        assert redirect_of(await people.sign_in(browser, READER)) == "/"


async def test_without_https_entra_sign_in_works_only_on_localhost(app, people):
    async with a_browser(app, "http://calls.example") as browser:
        answer = await browser.get("/sign-in/entra")
        assert (answer.status_code, "https" in problem(answer)) == (400, True)
    async with a_browser(app, "http://127.0.0.1:8000") as browser:
        assert redirect_of(await people.sign_in(browser, READER)) == "/"
        assert (await browser.get("/calls")).status_code == 200


async def test_a_very_long_target_is_dropped_and_the_sign_in_works(app, people):
    async with a_browser(app) as browser:
        there = await people.leave(browser, "/calls?q=" + "ä" * 1900)
        assert len(browser.cookies[FLOW]) < 3900
        assert redirect_of(await browser.get(await people.choose(there, READER))) == "/"


async def test_failed_callbacks_from_an_address_do_not_reach_entra_without_end(app, people, monkeypatch):
    """Entra ID limits requests by application, and collecting uses the same application."""
    asked, really = [], SignIn.finish

    def finish(self, flow, answer):
        asked.append(answer)
        return really(self, flow, answer)

    monkeypatch.setattr(SignIn, "finish", finish)
    async with a_browser(app) as browser:
        for _ in range(11):  # a sign-in that succeeds does not count
            assert redirect_of(await people.sign_in(browser, READER)) == "/"
        state = parse_qs(urlsplit(await people.leave(browser)).query)["state"][0]
        flow = {"Cookie": f"{FLOW}={browser.cookies[FLOW]}"}
        forged = f"/sign-in/entra/callback?state={state}&code=forged"
        for _ in range(10):
            assert (await browser.get(forged, headers=flow)).status_code == 403
        asked.clear()
        refused = await browser.get(forged, headers=flow)
        assert (refused.status_code, refused.headers["retry-after"], asked) == (429, "60", [])
        assert (await browser.get("/sign-in/entra")).status_code == 429
    elsewhere = httpx.ASGITransport(app, client=("192.0.2.7", 4711))
    async with httpx.AsyncClient(transport=elsewhere, base_url="https://we.example") as other:
        assert redirect_of(await people.sign_in(other, READER)) == "/"
