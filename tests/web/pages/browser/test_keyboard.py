"""Everything can be reached with the keyboard, and the focus is visible."""

import pytest

from tests.web.pages.browser.routes import PAGES

pytestmark = pytest.mark.anyio

STOPS = 80  # as far as the usual page goes; a list only repeats itself after that
FOCUSED = """() => {
  const here = document.activeElement, style = getComputedStyle(here), box = here.getBoundingClientRect();
  if (here === document.body) return null;
  const outline = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  return {text: here.outerHTML.slice(0, 120), outline, area: box.width * box.height, top: box.bottom > 0};
}"""

LINKS = "within => Array.from(document.querySelectorAll(within), (one) => one.getAttribute('href'))"


@pytest.mark.parametrize("path", PAGES)
async def test_the_focused_element_is_visible(page, service, path):
    await page.goto(service.at(path))
    await page.evaluate("document.activeElement.blur()")
    for _ in range(STOPS):
        await page.keyboard.press("Tab")
        if (here := await page.evaluate(FOCUSED)) is None:
            return
        assert here["outline"], here["text"]
        assert here["area"] > 1, here["text"]
        assert here["top"], here["text"]


async def test_the_first_tab_stop_skips_to_the_content(page, service):
    await page.goto(service.at("/calls"))
    await page.keyboard.press("Tab")
    assert await page.evaluate("document.activeElement.textContent") == "Skip to content"
    await page.keyboard.press("Enter")
    await page.keyboard.press("Tab")
    assert await page.evaluate("document.activeElement.matches('main *')")


@pytest.mark.parametrize("path", ["/", "/calls", "/inbox"])
async def test_a_slash_focuses_the_search(page, service, path):
    await page.goto(service.at(path))
    await page.keyboard.press("/")
    assert await page.evaluate("document.activeElement.id") == "find"
    assert await page.locator("#find").input_value() == ""


async def test_a_slash_typed_into_a_field_stays_there(page, service):
    await page.goto(service.at("/calls"))
    await page.locator("#q").focus()
    await page.keyboard.type("a/b")
    assert await page.locator("#q").input_value() == "a/b"


@pytest.mark.parametrize("path", ["/", "/quality"])
async def test_a_row_of_the_table_has_the_link_of_its_bar(page, service, path):
    await page.goto(service.at(path))
    bars, rows = [set(await page.evaluate(LINKS, within)) for within in (".bars a", ".as-table a")]
    assert bars
    assert bars == rows


async def test_a_call_is_found_and_read_without_a_mouse(page, service):
    await page.goto(service.at("/"))
    await page.keyboard.press("/")
    await page.keyboard.type(service.names["call"])
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"**/calls/{service.names['call']}")
    await tab_to(page, "a[data-session]")
    await page.keyboard.press("Enter")
    await page.get_by_role("heading", name="Session").wait_for()
    assert await page.evaluate("document.activeElement.id") == "session"
    await tab_to(page, "#session a")
    await page.keyboard.press("Enter")
    assert page.url.endswith("#timeline")


async def tab_to(page, selector):
    for _ in range(STOPS):
        await page.keyboard.press("Tab")
        if await page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"Tab never leads to {selector}")
