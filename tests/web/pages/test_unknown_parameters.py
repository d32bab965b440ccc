"""A page refuses a parameter that it does not have, as the API does: ignored, it would look like a filter."""

import pytest

from tests.web.pages.browser_client import signed_in
from tests.web.pages.page_routes import PAGES, STREAMS, address

pytestmark = pytest.mark.anyio


@pytest.fixture
async def browser(app):
    async with signed_in(app) as browser:
        yield browser


async def test_every_page_names_the_unknown_parameter_and_those_that_it_has(browser):
    for path in (*PAGES, *STREAMS):
        answer = await browser.get(address(path), params={"participants": "CEO"})
        assert (answer.status_code, "Unknown parameter participants" in answer.text) == (400, True), path


async def test_every_parameter_that_is_refused_is_named(browser):
    answer = await browser.get("/calls?participant=CEO&page=2&q=Ada")
    assert "Unknown parameter page, participant; known are" in answer.text


@pytest.mark.parametrize("path", ["/calls", "/calls.csv", "/audit"])
async def test_a_period_that_ends_before_it_begins_is_refused(browser, path):
    answer = await browser.get(path, params={"from": "2026-02-02", "to": "2026-02-01T09:00"})
    assert (answer.status_code, "must be later than" in answer.text) == (422, True)
    assert (await browser.get(path, params={"from": "2026-02-02", "to": "2026-02-02T09:00"})).status_code == 200
