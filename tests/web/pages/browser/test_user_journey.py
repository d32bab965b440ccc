"""What a user does from signing in to signing out, with real processes, on both databases."""

import csv

import pytest

from app.simulator.records import a_call_record
from tests.flow.service import KEY
from tests.waiting import until
from tests.web.pages.browser.collected_service import CALLS, REFUSED, collected_service
from tests.web.pages.browser.conftest import sign_in, visiting

pytestmark = pytest.mark.anyio

FEW = {name: CALLS[name] for name in ("good", "failed", "call", "meeting")}


@pytest.fixture
async def own_service(browser, key, tmp_path, database_url):
    """For this test only, which changes its data."""
    async with collected_service(key, tmp_path, database_url, calls=FEW) as own_service:
        yield own_service


async def test_a_user_signs_in_finds_a_call_retries_a_failed_record_and_signs_out(browser, own_service):
    async with visiting(browser, own_service) as page:
        await sign_in(page, own_service)
        await sees_a_call_arrive(page, own_service)
        await filters(page, own_service)
        await compares_with_a_file(page)
        await finds_the_poor_stream(page, own_service)
        await changes_the_zone(page)
        await retries_what_failed(page, own_service)
        await signs_out_and_is_refused(page, own_service)
        assert page.watch.dialogs == page.watch.foreign == page.watch.console == []


async def sees_a_call_arrive(page, service):
    await page.get_by_role("status").filter(has_text="live").wait_for()
    await page.evaluate("window.isTheSamePage = true")
    arrived = service.world.put(a_call_record(seed=77)).id
    await page.locator(f"#newest-calls [data-call='{arrived}']").wait_for()
    assert await page.evaluate("window.isTheSamePage")


async def filters(page, service):
    await page.get_by_role("link", name="Calls", exact=True).click()
    await page.locator("#failed").select_option("yes")
    await page.get_by_role("button", name="Search", exact=True).click()
    assert set(await ids(page)) == {service.names["failed"], service.names["hostile"]}
    assert "failed=true" in page.url
    await page.go_back()
    assert len(await ids(page)) > 1
    await page.locator("#quality").select_option("poor")
    await page.get_by_role("button", name="Search", exact=True).click()
    assert set(await ids(page)) == {service.names[name] for name in ("call", "meeting", "hostile")}


async def ids(page):
    """Of the calls in the list, in its order."""
    await page.wait_for_load_state()
    return [await row.get_attribute("data-call") for row in await page.locator("table.calls tbody tr").all()]


async def compares_with_a_file(page):
    async with page.expect_download() as coming:
        await page.get_by_role("link", name="Download CSV").click()
    file = await (await coming.value).path()
    rows = list(csv.DictReader(file.read_text(encoding="utf-8-sig").splitlines()))
    assert [row["id"] for row in rows] == await ids(page)
    starts = [await one.get_attribute("datetime") for one in await page.locator("tbody td:first-child time").all()]
    assert [row["start"][:19] for row in rows] == [start[:19] for start in starts]


async def finds_the_poor_stream(page, service):
    await page.locator(f"tr[data-call='{service.names['meeting']}'] a").click()
    await page.get_by_text("Poor due to").first.wait_for()
    await page.locator(".timeline .piece.poor").first.click()
    await page.get_by_role("heading", name="Session").wait_for()
    assert "session=" in page.url
    panel = page.locator("#session")
    assert await panel.locator("td.offending").count() > 0
    assert "due to" in await panel.inner_text()
    await page.go_back()
    await panel.get_by_role("heading").wait_for(state="detached")


async def changes_the_zone(page):
    await page.get_by_role("link", name="Europe/Berlin").click()
    await page.get_by_label("Time zone").select_option("Pacific/Auckland")
    await page.get_by_role("button", name="Save").click()
    await page.get_by_role("link", name="Pacific/Auckland").wait_for()
    assert "/calls/" in page.url


async def retries_what_failed(page, service):
    await page.get_by_role("link", name="Inbox").click()
    row = page.locator("tbody tr").filter(has_text=REFUSED)
    assert "403" in await row.inner_text()
    service.forgive(REFUSED)
    await row.get_by_role("button", name="Retry").click()
    await page.get_by_text("1 call is due now").wait_for()
    await until(lambda: arrived(page, service, REFUSED))


async def arrived(page, service, call_id):
    """Whether there is a page of it."""
    answer = await page.context.request.get(f"{service.url}/calls/{call_id}")
    return answer.status == 200


async def signs_out_and_is_refused(page, service):
    copied = await page.context.cookies()
    await page.get_by_role("button", name="Sign out").click()
    await page.get_by_text("You are signed out.").wait_for()
    await page.go_back()
    await page.get_by_label("API key").wait_for()
    await page.context.add_cookies(copied)
    await page.goto(f"{service.url}/calls")
    await page.get_by_label("API key").fill(KEY + "!")
    await page.get_by_role("button", name="Sign in").click()
    await page.get_by_text("This key is not valid.").wait_for()
    page.watch.console.clear()  # the 401 of the wrong key, which the browser logs
