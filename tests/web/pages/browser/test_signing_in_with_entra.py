"""From a page to the login of Entra ID, here a simulated one on another host, and back to that page."""

import pytest

from app.simulator.login.people import ADMIN, NOBODY, READER
from tests.web.pages.browser.conftest import visiting
from tests.web.pages.browser.town import town

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]


@pytest.fixture
async def own_town(browser, key, tmp_path, database_url):
    async with town(key, tmp_path, database_url, calls={}, PAGES_SIGN_IN="entra") as own_town:
        yield own_town


@pytest.fixture
async def page(browser, own_town):
    """Of somebody who trusts the simulated login."""
    async with visiting(browser, own_town, ignore_https_errors=True) as page:
        yield page


async def sign_in(page, person):
    await page.get_by_role("link", name="Sign in with Microsoft").click()
    await page.get_by_role("link", name=person.name).click()


async def test_whoever_has_a_role_comes_back_to_the_page_that_was_wanted(page, own_town):
    await page.goto(f"{own_town.url}/calls?quality=poor")
    await sign_in(page, READER)
    await page.wait_for_url(f"{own_town.url}/calls?quality=poor")
    await page.get_by_text(READER.id).wait_for()
    assert await page.get_by_role("link", name="Inbox").count() == 0
    await page.get_by_role("button", name="Sign out").click()
    await page.get_by_text("You are signed out.").wait_for()
    await sign_in(page, ADMIN)
    await page.get_by_role("link", name="Inbox").click()
    await page.get_by_role("heading", name="Inbox").wait_for()
    assert page.watch.said == page.watch.dialogs == []


async def test_whoever_has_none_is_told_who_gives_one(page, own_town):
    await page.goto(own_town.url)
    assert await page.get_by_label("API key").count() == 0
    await sign_in(page, NOBODY)
    await page.get_by_text("An administrator assigns you CallRecords.Read").wait_for()
    await page.goto(f"{own_town.url}/calls")
    await page.get_by_role("link", name="Sign in with Microsoft").wait_for()
