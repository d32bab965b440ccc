"""At 360 pixels the columns of a session, of the inbox and of lists can be read without scrolling sideways."""

import pytest

pytestmark = pytest.mark.anyio

CLIPPED = """[...document.querySelectorAll('.scroll')]
    .filter(one => one.scrollWidth > one.clientWidth).map(one => one.getAttribute('aria-label'))"""


@pytest.mark.parametrize("path", ["/calls/{call}?session=0", "/inbox", "/calls", "/people?q=a", "/subscriptions"])
async def test_no_table_is_wider_than_a_narrow_window(page, service, path):
    await page.set_viewport_size({"width": 360, "height": 900})
    await page.goto(service.at(path))
    assert [name for name in await page.evaluate(CLIPPED) if name] == []


async def test_the_cause_and_the_retry_of_a_failed_call_are_on_a_narrow_page(page, service):
    await page.set_viewport_size({"width": 360, "height": 900})
    await page.goto(service.at("/inbox?state=failed"))
    for part in (page.get_by_role("cell").filter(has_text="403"), page.get_by_role("button", name="Retry eeee")):
        box = await part.first.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 360
