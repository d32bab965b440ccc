"""axe-core on every page, everything unfolded: light and dark, on a telephone and on a desk."""

import pytest

from tests.web.pages.browser import axe
from tests.web.pages.browser.routes import PAGES, WRONG

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("path", [*PAGES, *WRONG])
async def test_axe_finds_nothing(page, town, axe_core, path):
    await page.goto(town.at(path))
    await page.evaluate(axe_core)
    for width in (1280, 360):
        for scheme in ("light", "dark"):
            await page.set_viewport_size({"width": width, "height": 900})
            await page.emulate_media(color_scheme=scheme)
            assert (found := await axe.complaints(page)) == [], (width, scheme, found)
