"""Bytes transferred on a first visit, and the number of elements of a page."""

import pytest

from tests.web.pages.browser.page_watch import weigh

pytestmark = pytest.mark.anyio

KB = 1024
USUAL, MEETING = 60 * KB, 150 * KB
MOST_ELEMENTS = 15_000


@pytest.mark.parametrize(
    ("path", "most"),
    [("/sign-in", USUAL), ("/", USUAL), ("/calls", USUAL), ("/calls/{call_id}", USUAL), ("/calls/{meeting}", MEETING)],
)
async def test_a_first_visit_is_light(own_page, service, path, most):
    weight = await weigh(own_page)
    await own_page.goto(service.at(path))
    assert 0 < weight() <= most


async def test_a_meeting_of_400_has_few_elements(page, service):
    await page.goto(service.at("/calls/{meeting}"))
    assert await page.evaluate("document.querySelectorAll('.lane').length") < 70  # the others on request
    assert await page.evaluate("document.querySelectorAll('*').length") <= MOST_ELEMENTS


async def test_a_meeting_of_400_shows_participants_with_problems_first(page, service):
    await page.goto(service.at("/calls/{meeting}"))
    assert await page.locator(".lane .mark.poor").first.is_visible()
    assert await page.locator(".lane:visible").count() < 100


async def test_a_person_is_found_among_400(page, service):
    await page.goto(service.at("/calls/{meeting}"))
    name = await page.locator(".fold .lane").last.get_attribute("data-name")
    await page.get_by_label("Find a participant").fill(name)
    await page.get_by_role("button", name="Find").click()
    await page.locator(".fold .lane:visible").first.wait_for()
    assert {await one.get_attribute("data-name") for one in await page.locator(".lanes .lane:visible").all()} == {name}
