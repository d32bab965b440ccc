"""Dates can be typed or chosen in a calendar, and a printed page names itself and fits A4."""

import re

import pytest

pytestmark = pytest.mark.anyio

A4 = 688  # pixels between the margins: 210 mm without 14 mm on both sides, at 96 pixels for 25.4 mm
WIDER = """[...document.querySelectorAll('main *')].filter(one => !one.closest('.unseen, svg, thead')
    && one.getBoundingClientRect().right > document.documentElement.clientWidth + 1).map(one => one.outerHTML.slice(0, 80))"""


async def test_typed_dates_are_searched_and_a_wrong_one_is_marked_at_its_field(page, service):
    await page.goto(service.at("/calls"))
    await page.get_by_label("From", exact=True).fill("2026-01-31")
    await page.get_by_label("To (inclusive)", exact=True).fill("2026-02-01T09:30")
    await page.get_by_role("button", name="Search", exact=True).click()
    await page.wait_for_url(re.compile("from=2026-01-31&to=2026-02-01T09"))
    assert await page.get_by_label("From", exact=True).input_value() == "2026-01-31"
    assert await page.get_by_role("alert").count() == 0
    await page.get_by_label("From", exact=True).fill("31.02.2026")
    await page.get_by_role("button", name="Search", exact=True).click()
    await page.wait_for_url(re.compile("from=31.02.2026"))
    field = page.get_by_label("From", exact=True)
    assert await field.get_attribute("aria-invalid") == "true"
    assert await field.input_value() == "31.02.2026"


async def test_the_calendar_begins_with_the_typed_date_and_writes_the_chosen_one(page, service):
    await page.goto(service.at("/audit"))
    field = page.get_by_label("From", exact=True)
    await field.fill("2026-01-31T09:30")
    await page.evaluate("HTMLInputElement.prototype.showPicker = function () { window.shown = this; }")
    await page.get_by_role("button", name="Choose a date: From").click()
    assert await page.evaluate("window.shown.value") == "2026-01-31"
    await page.evaluate("window.shown.value = '2026-02-03'; window.shown.dispatchEvent(new Event('change'))")
    assert await field.input_value() == "2026-02-03"
    assert await field.evaluate("field => field === document.activeElement")


@pytest.mark.parametrize("path", ["/calls", "/calls/{call}?session=0", "/quality"])
async def test_a_printed_page_names_its_address_and_zone_and_fits_a4(page, service, path):
    await page.set_viewport_size({"width": A4, "height": 900})
    await page.emulate_media(media="print")
    try:
        await page.goto(service.at(path))
        printed = page.locator(".printed")
        assert await printed.is_visible()
        text = await printed.inner_text()
        assert text.startswith(service.at(path))
        assert re.search(r"printed \d{4}-\d\d-\d\d \d\d:\d\d \S+ \(UTC[+-]\d\d:\d\d\)$", text)
        assert not await page.locator(".top").is_visible()
        assert await page.evaluate(WIDER) == []
        assert b"/Type /Page" in await page.pdf(format="A4")
    finally:
        await page.emulate_media(media="null")
