"""axe-core on every page with everything unfolded: light and dark, narrow and wide."""

import pytest

from tests.web.pages.browser import axe
from tests.web.pages.browser.routes import PAGES, WRONG

pytestmark = pytest.mark.anyio

LOOKS = (
    (1280, "light", axe.TAGS),
    (1280, "dark", axe.BY_COLOUR),
    (360, "light", axe.BY_COLOUR),
    (360, "dark", axe.TAGS),
)


@pytest.mark.parametrize("path", [*PAGES, *WRONG])
async def test_axe_finds_nothing(page, service, axe_core, path):
    await page.goto(service.at(path))
    await page.evaluate(axe_core)
    await axe.thin(page)
    for width, scheme, rules in LOOKS:
        await page.set_viewport_size({"width": width, "height": 900})
        await page.emulate_media(color_scheme=scheme)
        assert (found := await axe.complaints(page, rules)) == [], (width, scheme, found)


async def test_axe_finds_nothing_beside_a_document(page, service, axe_core):
    await page.goto(service.at("/calls/{good}"))
    await page.evaluate(axe_core)
    await page.locator(".raw summary").click()
    await page.locator(".raw pre").filter(has_text="participants_v2").wait_for()
    assert await axe.complaints(page, unfolded="details") == []
