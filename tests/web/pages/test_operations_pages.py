"""/inbox, /subscriptions and /audit: what an administrator sees there and mends, and nobody else."""

import re

import pytest

from app.inbox import queue
from app.web.pages.operations import audit as audit_page
from app.web.pages.operations import inbox as inbox_page
from tests.archive.records import guid
from tests.web.api.test_inbox_route import HOUR, fail, put
from tests.web.auth.guarded import a_key
from tests.web.doors import OTHER, TENANT, events, subscribed
from tests.web.pages.signed import leads_to, sends, signed_in

pytestmark = pytest.mark.anyio

HOSTILE = "<script>alert(1)</script>\u202e\U0001f600\"'" + "x" * 300
ROW = re.compile(r'<td class="mono nowrap">([0-9a-f-]{36})</td>')


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


@pytest.mark.parametrize("path", ["/inbox", "/subscriptions", "/audit"])
async def test_they_are_for_administrators_alone(app, database, path):
    async with signed_in(app, await a_key(database, "reports", "read")) as browser:
        assert (await browser.get(path)).status_code == 403
        assert f'href="{path}"' not in (await browser.get("/")).text


@pytest.mark.parametrize("path", ["/inbox/retry", "/inbox/{call_id}/retry", "/subscriptions/renew"])
async def test_what_they_change_is_for_administrators_alone(app, database, api, path):
    call_id = guid()
    await put(database, call_id)
    await fail(database, call_id)
    async with signed_in(app, await a_key(database, "reports", "read")) as browser:
        assert (await sends(browser, path.format(call_id=call_id), tenant=TENANT)).status_code == 403
    assert await states(api) == {call_id: "failed"}
    assert await events(database) == []


async def test_a_row_says_why_and_one_click_makes_it_due(browser, database, api):
    failed, due = guid(), guid()
    await put(database, failed, due)
    await fail(database, failed, why=HOSTILE[:200])
    page = (await browser.get("/inbox")).text
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page
    assert leads_to(await sends(browser, f"/inbox/{failed}/retry")) == "/inbox?done=1"
    assert await states(api) == {failed: "due", due: "due"}
    assert "1 row is due now" in (await browser.get("/inbox?done=1")).text


async def test_whose_row_was_retried_is_in_the_audit(browser, database, api):
    failed = guid()
    await put(database, failed)
    await fail(database, failed)
    await sends(browser, f"/inbox/{failed}/retry")
    (entry,) = (await api.get("/api/audit", params={"call_id": failed})).json()["items"]
    assert (entry["method"], entry["route"]) == ("POST", "/inbox/{call_id}/retry")


async def test_a_row_that_is_gone_meanwhile_is_told(browser):
    assert leads_to(await sends(browser, f"/inbox/{guid()}/retry")) == "/inbox?done=0"
    assert "No row was there to be retried" in (await browser.get("/inbox?done=0")).text
    assert "anything" not in (await browser.get("/inbox?done=anything")).text


async def test_all_failed_ones_are_made_due_and_no_expired_one(browser, database, api):
    first, second, expired = guid(), guid(), guid()
    for call_id, state in ((first, "failed"), (second, "failed"), (expired, "expired")):
        await put(database, call_id)
        await fail(database, call_id, state)
    assert "Retry all 2 failed" in (await browser.get("/inbox")).text
    assert leads_to(await sends(browser, "/inbox/retry")) == "/inbox?done=2"
    assert await states(api) == {first: "due", second: "due", expired: "expired"}


async def test_another_tenants_row_is_neither_seen_nor_retried(app, database, api):
    theirs = guid()
    await put(database, theirs, tenant=OTHER)
    await fail_of(database, OTHER, theirs)
    async with signed_in(app, await a_key(database, "ops", "admin", TENANT)) as browser:
        assert await rows_on(browser) == []
        for path in (f"/inbox/{theirs}/retry", "/inbox/retry"):
            assert leads_to(await sends(browser, path)) == "/inbox?done=0"
    assert await states(api) == {theirs: "failed"}


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
    assert "No row is expired." in (await browser.get("/inbox?state=expired")).text


async def test_an_empty_inbox_says_that_all_is_kept(browser):
    assert "Nothing waits: every call we were told of is kept." in (await browser.get("/inbox")).text


async def test_renewing_asks_whoever_renews_as_graph_would(browser, database):
    await subscribed(database)
    assert "Renew now" in (await browser.get("/subscriptions")).text
    assert leads_to(await sends(browser, "/subscriptions/renew", tenant=TENANT)) == "/subscriptions?done=1"
    ((tenant, subscription_id, event),) = await events(database)
    assert (tenant, event) == (TENANT, "reauthorizationRequired")
    assert subscription_id in (await browser.get("/subscriptions")).text


async def test_a_tenant_without_a_subscription_is_told_what_to_do(browser, database):
    page = (await browser.get("/subscriptions")).text
    assert page.count("No live subscription.") == 2
    assert "Make one now" in page


async def test_of_a_tenant_that_is_not_ours_nothing_is_renewed(app, database):
    await subscribed(database, OTHER)
    async with signed_in(app, await a_key(database, "ops", "admin", TENANT)) as browser:
        assert OTHER not in (await browser.get("/subscriptions")).text
        assert (await sends(browser, "/subscriptions/renew", tenant=OTHER)).status_code == 422
    assert await events(database) == []


async def test_the_audit_is_found_by_who_and_goes_on_without_a_gap(app, browser, database, monkeypatch):
    monkeypatch.setattr(audit_page, "LIMIT", 3)
    async with signed_in(app, await a_key(database, "reports", "read")) as reader:
        for _ in range(7):
            await reader.get("/calls", params={"q": "Lovelace"})
    pages, path = [], "/audit?who=reports"
    while path:
        pages.append((await browser.get(path)).text)
        link = re.search(r'rel="next" href="([^"]+)"', pages[-1])
        path = link[1].replace("&amp;", "&") if link else None
    assert [page.count("GET /calls<") for page in pages] == [3, 3, 1]
    assert "Lovelace" not in "".join(pages)


@pytest.mark.parametrize("query", ["from=yesterday", "cursor=nonsense"])
async def test_an_audit_that_is_not_understood_is_told(browser, query):
    assert (await browser.get(f"/audit?{query}")).status_code == 422


async def test_what_graph_never_had_is_shown_apart_from_what_was_lost(browser, database):
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
    assert "<strong>1 record ran out of time:</strong>" in overview
