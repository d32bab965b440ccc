"""Names and comments are shown as text on every page: they run no script, add no element and do not break the layout."""

import pytest

from tests.some import some
from tests.web.pages.browser.hostile import TEXTS
from tests.web.pages.browser.routes import PAGES

pytestmark = pytest.mark.anyio

ADDED = "document.querySelectorAll('main img, main iframe, body script, [onerror], [onload], [onfocus]').length"
UNFOLD = "for (const one of document.querySelectorAll('details:not(.raw)')) one.open = true"
OF_IT = (
    "/calls/{hostile}",
    "/calls/{hostile}?session=1",
    "/people/{person_id}",
    "/calls?q=%3Cscript",
    "/calls?organizer=%3Cscript",
)


@pytest.mark.parametrize("path", sorted({*PAGES, *OF_IT}))
async def test_nothing_runs_and_nothing_is_added(page, service, path):
    await page.goto(service.at(path))
    await page.evaluate(UNFOLD)
    assert await page.evaluate(ADDED) == 0
    assert page.watch.dialogs == page.watch.console == []


@pytest.mark.parametrize("path", ["/", "/calls", *OF_IT])
async def test_the_name_is_shown_as_it_was_written(page, service, path):
    await page.goto(service.at(path))
    assert TEXTS[0] in await page.locator("main").inner_text()


async def test_a_call_shows_every_text(page, service):
    await page.goto(service.at("/calls/{hostile}"))
    shown = await page.locator("main").inner_text()
    assert [text for text in TEXTS if text not in shown] == []


async def test_the_document_is_shown_as_text(page, service):
    await page.goto(service.at("/calls/{hostile}"))
    await page.locator(".raw summary").click()
    await page.locator(".raw pre").filter(has_text=TEXTS[0]).wait_for()
    assert await page.evaluate(ADDED) == 0
    assert page.watch.dialogs == page.watch.console == []


async def test_a_session_inserted_by_the_script_is_text_too(page, service):
    await page.goto(service.at("/calls/{hostile}"))
    for link in some(await page.locator(".lane-links a").all()):
        await link.click()
        await page.locator("#session:not([aria-busy]) h2").wait_for()
        assert await page.evaluate(ADDED) == 0
    assert page.watch.dialogs == page.watch.console == []


async def test_a_search_for_markup_is_answered_with_text(page, service):
    await page.goto(service.at("/calls"))
    for text in TEXTS:
        await page.locator("#find").fill(text)
        async with page.expect_navigation():
            await page.keyboard.press("Enter")
        assert await page.evaluate(ADDED) == 0
        assert (await page.locator("#q").input_value())[:200] == text[:200]
    assert page.watch.dialogs == page.watch.console == []
