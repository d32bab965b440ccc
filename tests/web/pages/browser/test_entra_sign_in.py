"""Sign-in with a simulated Entra ID on another host, and back to the requested page."""

import pytest

from app.simulator.login.people import ADMIN, READER, WITHOUT_ROLE
from tests.web.pages.browser.collected_service import collected_service
from tests.web.pages.browser.conftest import visiting

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]


@pytest.fixture
async def own_service(browser, key, tmp_path, database_url):
    async with collected_service(key, tmp_path, database_url, calls={}, PAGES_SIGN_IN="entra") as own_service:
        yield own_service


@pytest.fixture
async def page(browser, own_service):
    """A page that trusts the certificate of the simulated login."""
    async with visiting(browser, own_service, ignore_https_errors=True) as page:
        yield page


async def sign_in(page, person):
    await page.get_by_role("link", name="Sign in with Microsoft").click()
    await page.get_by_role("link", name=person.name).click()


async def test_a_user_with_a_role_returns_to_the_requested_page(page, own_service):
    await page.goto(f"{own_service.url}/calls?quality=poor")
    await sign_in(page, READER)
    await page.wait_for_url(f"{own_service.url}/calls?quality=poor")
    await page.get_by_text(READER.id).wait_for()
    assert await page.get_by_role("link", name="Inbox").count() == 0
    await page.get_by_role("button", name="Sign out").click()
    await page.get_by_text("You are signed out.").wait_for()
    await sign_in(page, ADMIN)
    await page.get_by_role("link", name="Inbox").click()
    await page.get_by_role("heading", name="Inbox").wait_for()
    assert page.watch.console == page.watch.dialogs == []


async def test_a_user_without_a_role_reads_who_assigns_one(page, own_service):
    await page.goto(own_service.url)
    assert await page.get_by_label("API key").count() == 0
    await sign_in(page, WITHOUT_ROLE)
    await page.get_by_text("An administrator assigns you CallRecords.Read").wait_for()
    await page.goto(f"{own_service.url}/calls")
    await page.get_by_role("link", name="Sign in with Microsoft").wait_for()
