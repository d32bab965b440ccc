"""/inbox, /subscriptions and /audit: what only administrators can see and change."""

import re
from datetime import UTC, datetime

import pytest

from app.inbox import queue
from app.subscriptions import model
from app.web.pages.operations import audit as audit_page
from app.web.pages.operations import inbox as inbox_page
from tests.archive.records import guid
from tests.web.api.test_inbox_route import HOUR, fail, put
from tests.web.application import OTHER, TENANT, events, subscribed
from tests.web.auth.guarded import a_key
from tests.web.pages.browser_client import post_form, redirect_of, signed_in

pytestmark = pytest.mark.anyio

HOSTILE = "<script>alert(1)</script>\u202e\U0001f600\"'" + "x" * 300
ROW = re.compile(r'<span class="mono">([0-9a-f-]{36})</span>')


@pytest.fixture
async def browser(app):
    async with signed_in(app) as browser:
        yield browser


async def rows_on(browser, path="/inbox"):
    """The calls' ids, of one tenant each second cell."""
    return [found for found in ROW.findall((await browser.get(path)).text) if found not in {TENANT, OTHER}]


async def fail_of(database, tenant, call_id):
    async with database.begin() as db:
        (claim,) = await queue.claim(db, "w", [tenant], 1, HOUR)
        assert claim.call_id == call_id
        await queue.give_up(db, "w", claim, "failed", "Refused: no")


async def states(api):
    return {row["id"]: row["state"] for row in (await api.get("/api/inbox")).json()["items"]}


async def test_only_administrators_can_open_them(app, database, subtests):
    async with signed_in(app, await a_key(database, "reports", "read")) as browser:
        for path in ["/inbox", "/subscriptions", "/audit"]:
            with subtests.test(path=path):
                assert (await browser.get(path)).status_code == 403
                assert f'href="{path}"' not in (await browser.get("/")).text


@pytest.mark.parametrize("path", ["/inbox/retry", "/inbox/{call_id}/retry", "/subscriptions/renew"])
async def test_only_administrators_can_change_anything(app, database, api, path):
    call_id = guid()
    await put(database, call_id)
    await fail(database, call_id)
    async with signed_in(app, await a_key(database, "reports", "read")) as browser:
        assert (await post_form(browser, path.format(call_id=call_id), tenant=TENANT)).status_code == 403
    assert await states(api) == {call_id: "failed"}
    assert await events(database) == []


async def test_a_row_shows_its_error_and_retry_makes_it_due(browser, database, api):
    failed, due = guid(), guid()
    await put(database, failed, due)
    await fail(database, failed, why=HOSTILE[:200])
    page = (await browser.get("/inbox")).text
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page
    assert redirect_of(await post_form(browser, f"/inbox/{failed}/retry")) == "/inbox?done=1"
    assert await states(api) == {failed: "due", due: "due"}
    assert "1 call is due now" in (await browser.get("/inbox?done=1")).text


async def test_a_command_in_an_error_is_marked_as_code(browser, database):
    failed = guid()
    await put(database, failed)
    await fail(database, failed, why="Refused: run `callkeeper doctor`, then <b>retry</b>")
    page = (await browser.get("/inbox")).text
    assert "Refused: run <code>callkeeper doctor</code>, then &lt;b&gt;retry" in page


async def test_a_retry_is_in_the_audit(browser, database, api):
    failed = guid()
    await put(database, failed)
    await fail(database, failed)
    await post_form(browser, f"/inbox/{failed}/retry")
    (entry,) = (await api.get("/api/audit", params={"call_id": failed})).json()["items"]
    assert (entry["method"], entry["route"]) == ("POST", "/inbox/{call_id}/retry")


async def test_retrying_a_row_that_no_longer_exists_says_so(browser):
    assert redirect_of(await post_form(browser, f"/inbox/{guid()}/retry")) == "/inbox?done=0"
    assert "Nothing to retry." in (await browser.get("/inbox?done=0")).text
    assert "anything" not in (await browser.get("/inbox?done=anything")).text


async def test_retry_all_makes_failed_rows_due_but_no_expired_row(browser, database, api):
    first, second, expired = guid(), guid(), guid()
    for call_id, state in ((first, "failed"), (second, "failed"), (expired, "expired")):
        await put(database, call_id)
        await fail(database, call_id, state)
    assert "Retry all 2 failed calls" in (await browser.get("/inbox")).text
    assert redirect_of(await post_form(browser, "/inbox/retry")) == "/inbox?done=2"
    assert await states(api) == {first: "due", second: "due", expired: "expired"}


async def test_a_row_of_another_tenant_is_neither_shown_nor_retried(app, database, api):
    theirs = guid()
    await put(database, theirs, tenant=OTHER)
    await fail_of(database, OTHER, theirs)
    async with signed_in(app, await a_key(database, "ops", "admin", TENANT)) as browser:
        assert await rows_on(browser) == []
        for path in (f"/inbox/{theirs}/retry", "/inbox/retry"):
            assert redirect_of(await post_form(browser, path)) == "/inbox?done=0"
    assert await states(api) == {theirs: "failed"}


async def test_a_row_says_when_the_call_began_and_who_organized_it(browser, database):
    start = datetime(2026, 2, 1, 9, 30, tzinfo=UTC)
    async with database.begin() as db:
        await queue.put(db, [queue.Notice(TENANT, guid(), None, None, start, "ada", HOSTILE)], start, swept=True)
        await queue.put(db, [queue.Notice(TENANT, guid(), None, None, start, "+41225550146")], start, swept=True)
    html = (await browser.get("/inbox")).text
    assert html.count("2026-02-01 09:30</time>, organized by") == 2
    assert "<script>alert" not in html
    assert "+41225550146" in html


async def test_rows_are_shown_by_state_and_page_by_page(browser, database, monkeypatch):
    monkeypatch.setattr(inbox_page, "LIMIT", 2)
    ids = [guid() for _ in range(5)]
    await put(database, *ids)
    await fail(database, ids[4])
    found, path = [], "/inbox"
    while path:
        page = (await browser.get(path)).text
        found += [one for one in ROW.findall(page) if one != TENANT]
        link = re.search(r'rel="next" href="([^"]+)"', page)
        path = link[1].replace("&amp;", "&") if link else None
    assert found == ids
    assert await rows_on(browser, "/inbox?state=failed") == [ids[4]]
    assert "No calls are expired." in (await browser.get("/inbox?state=expired")).text


async def test_an_empty_inbox_says_that_every_call_is_archived(browser):
    assert "The inbox is empty. Every notified call is archived." in (await browser.get("/inbox")).text


async def test_renew_now_records_the_event_and_shows_what_came_of_it(browser, database):
    await subscribed(database)
    assert "Renew now" in (await browser.get("/subscriptions")).text
    page = redirect_of(await post_form(browser, "/subscriptions/renew", tenant=f"{{{TENANT.upper()}}}"))
    assert page.startswith(f"/subscriptions?tenant={TENANT}&requested=")
    ((tenant, subscription_id, event),) = await events(database)
    assert (tenant, event) == (TENANT, "reauthorizationRequired")
    shown = (await browser.get(page)).text
    assert subscription_id in shown
    assert shown.count("Renewal requested. This page reloads until the result is known.") == 1
    assert 'http-equiv="refresh"' in shown
    await renewed(database, TENANT)
    shown = (await browser.get(page)).text
    assert "Subscription renewed. It expires" in shown
    assert 'http-equiv="refresh"' not in shown


async def renewed(database, tenant):
    """What a successful pass of ensure leaves."""
    async with database.begin() as db:
        live = await model.live(db, tenant)
        await model.update_row(db, live.id, renewed_at=datetime.now(UTC))
        for event in await model.pending_events(db, tenant):
            await model.delete_event(db, event)


@pytest.mark.parametrize("query", ["tenant=x&requested=1", f"tenant={TENANT}&requested=x", "requested=1"])
async def test_without_a_renewal_request_no_outcome_is_shown(browser, database, query):
    await subscribed(database)
    assert 'class="notice"' not in (await browser.get(f"/subscriptions?{query}")).text


async def test_a_tenant_without_a_subscription_shows_what_to_do(browser, database):
    page = (await browser.get("/subscriptions")).text
    assert page.count("No active subscription.") == 2
    assert "Create now" in page


async def test_a_subscription_of_another_tenant_cannot_be_renewed(app, database):
    await subscribed(database, OTHER)
    async with signed_in(app, await a_key(database, "ops", "admin", TENANT)) as browser:
        assert OTHER not in (await browser.get("/subscriptions")).text
        assert (await post_form(browser, "/subscriptions/renew", tenant=OTHER)).status_code == 422
    assert await events(database) == []


async def test_the_audit_is_filtered_by_user_and_paged_without_a_gap(app, browser, database, monkeypatch):
    monkeypatch.setattr(audit_page, "LIMIT", 3)
    async with signed_in(app, await a_key(database, "reports", "read")) as reader:
        for _ in range(7):
            await reader.get("/calls", params={"q": "Lovelace"})
    pages, path = [], "/audit?who=reports&unfold=1"
    while path:
        pages.append((await browser.get(path)).text)
        link = re.search(r'rel="next" href="([^"]+)"', pages[-1])
        path = link[1].replace("&amp;", "&") if link else None
    assert [page.count("GET /calls<") for page in pages] == [3, 3, 1]
    assert "Lovelace" not in "".join(pages)


@pytest.mark.parametrize("query", ["from=yesterday", "cursor=nonsense"])
async def test_an_invalid_audit_filter_is_refused(browser, query):
    assert (await browser.get(f"/audit?{query}")).status_code == 422


async def test_calls_that_graph_never_had_are_shown_apart_from_expired_ones(browser, database):
    never, lost = guid(), guid()
    await put(database, never)
    await fail(database, never, "expired", "NotFound: 404", "not_found")
    await put(database, lost)
    await fail(database, lost, "expired", "Unavailable: 503", "unavailable")
    assert await rows_on(browser, "/inbox?state=never_available") == [never]
    assert await rows_on(browser, "/inbox?state=expired") == [lost]
    page = (await browser.get("/inbox")).text
    assert ("never available 1" in page, "expired 1" in page) == (True, True)
    overview = (await browser.get("/")).text
    assert "1 call was never available at Microsoft" in overview
    assert "<strong>1 call record expired.</strong>" in overview
