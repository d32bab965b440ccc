"""The diagnosis in a browser: Copy summary, and the same text without scripts."""

import pytest

from tests.web.pages.browser.conftest import visiting

pytestmark = pytest.mark.anyio


async def test_copy_summary_copies_the_text_on_the_page(own_page, service):
    page = own_page
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await page.goto(service.at("/calls/{call}"))
    await page.get_by_role("button", name="Copy summary").click()
    await page.locator(".diagnosis [role=status]").get_by_text("copied").wait_for()
    copied = await page.evaluate("navigator.clipboard.readText()")
    assert copied == await page.locator("#summary").text_content()
    assert copied.splitlines()[-1] == service.at("/calls/{call}")


async def test_without_scripts_the_summary_can_be_selected(browser, service, signed_in):
    async with visiting(browser, service, storage_state=signed_in, java_script_enabled=False) as page:
        await page.goto(service.at("/calls/{call}"))
        assert not await page.get_by_role("button", name="Copy summary").is_visible()
        await page.get_by_text("Summary as text").click()
        assert await page.locator("#summary").is_visible()
