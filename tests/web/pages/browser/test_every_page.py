"""Every page: no console messages, no requests to other hosts, never wider than the window."""

import pytest

from tests.web.pages.browser.routes import PAGES, WRONG

pytestmark = pytest.mark.anyio

WIDTHS = (360, 1280, 2560)
WIDER = "document.scrollingElement.scrollWidth - innerWidth"
UNFOLD = "for (const one of document.querySelectorAll('details:not(.fold, .raw)')) one.open = true"


def test_all_pages_are_found():
    assert {"/", "/calls", "/calls/{call_id}", "/inbox", "/subscriptions", "/audit", "/sign-in", "/zone"} <= set(PAGES)


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_logs_nothing_to_the_console_and_requests_no_other_host(page, service, path):
    answer = await page.goto(service.at(path))
    assert answer.status == 200
    assert "text/html" in answer.headers["content-type"]
    assert page.watch.console == []
    assert page.watch.foreign == []


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_is_never_wider_than_the_window(page, service, path):
    await page.goto(service.at(path))
    await page.evaluate(UNFOLD)
    for width in WIDTHS:
        await page.set_viewport_size({"width": width, "height": 900})
        assert await page.evaluate(WIDER) <= 0, width


@pytest.mark.parametrize("path", WRONG)
async def test_a_wrong_address_is_answered_with_a_page(page, service, path):
    answer = await page.goto(service.at(path))
    assert answer.status in {404, 422}
    assert await page.get_by_role("heading", level=1).count() == 1
    assert [word for word in page.watch.console if "Failed to load resource" not in word] == []
