"""The overview without contact to the server: grey, with the time of the last contact, until it is back."""

import pytest

pytestmark = pytest.mark.anyio


async def test_the_overview_says_since_when_there_is_no_contact_and_recovers(own_page, service):
    page = own_page
    await page.clock.install()
    await page.route("**/live?*", lambda route: route.abort())
    await page.goto(service.url)
    await page.get_by_role("status").filter(has_text="reconnecting").wait_for()
    assert not await page.locator("#stale").is_visible()
    await page.clock.fast_forward(30_000)
    text = await page.get_by_role("alert").text_content()
    assert text.startswith(("No contact with the server since ", "No live updates since "))
    assert await page.locator("body").get_attribute("class") == "stale"
    await page.unroute("**/live?*")
    await page.clock.fast_forward(30_000)
    await page.get_by_role("status").filter(has_text="live").wait_for()
    assert not await page.locator("#stale").is_visible()
