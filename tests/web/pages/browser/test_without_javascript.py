"""Without JavaScript every page can be read, and a user can sign out."""

import pytest

from tests.web.pages.browser.conftest import sign_in

pytestmark = pytest.mark.anyio


@pytest.fixture
async def plain(visit, signed_in):
    """A signed-in page without JavaScript."""
    return await visit(java_script_enabled=False, storage_state=signed_in)


async def test_the_overview_shows_the_newest_calls(plain, service):
    await plain.goto(service.url)
    assert await plain.locator("#newest-calls tr").count() >= 5


async def test_the_list_is_filtered_by_its_form(plain, service):
    await plain.goto(service.url)
    await plain.get_by_role("link", name="Calls", exact=True).click()
    await plain.locator("#failed").select_option("yes")
    await plain.get_by_role("button", name="Search", exact=True).click()
    assert service.names["failed"] in {await row.get_attribute("data-call") for row in await plain.locator("tr").all()}
    assert "failed=true" in plain.url


async def test_a_session_is_shown_by_its_link(plain, service):
    await plain.goto(service.at("/calls/{call_id}"))
    await plain.locator(".lane-links a").first.click()
    await plain.get_by_role("heading", name="Session 1").wait_for()
    assert await plain.locator("#session td.offending").count() > 0


async def test_folded_participants_can_be_unfolded(plain, service):
    await plain.goto(service.at("/calls/{meeting}"))
    await plain.locator(".fold:not([open]) summary").last.click()
    assert await plain.locator(".fold .lane").last.is_visible()


async def test_a_user_can_sign_in_and_out(visit, service):
    plain = await visit(java_script_enabled=False)
    await sign_in(plain, service)
    await plain.get_by_role("button", name="Sign out").click()
    await plain.get_by_text("You are signed out.").wait_for()
    await plain.goto(f"{service.url}/calls")
    assert "/sign-in" in plain.url
