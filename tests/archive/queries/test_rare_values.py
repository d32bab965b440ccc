"""A page that looks only at the hours of the rarest value has the very calls that looking at all calls finds."""

from datetime import timedelta

import pytest

from app.archive.daily.fold import fold
from app.archive.queries import stored_calls
from app.archive.queries.filters import Filters
from app.archive.queries.paging import value_hours
from tests.archive.daily.test_daily_counts import FIRST, OTHER, a_call_with, an_archive
from tests.archive.records import TENANT, guid, save

pytestmark = pytest.mark.anyio

LATER = FIRST + timedelta(days=1)
FILTERS = [
    {"device": "Rare"},
    {"device": "Never"},
    {"device": "nul\0"},
    {"device": "Waiting", "participant": "Ada"},
    {"platform": "windows"},
    {"platform": "windows", "device": "Rare"},
    {"platform": "windows", "quality": "poor", "tenant_id": TENANT},
    {"failed": True, "tenants": [OTHER]},
    {"type": "groupCall", "since": LATER},
    {"modality": "video", "until": LATER, "participant": "a"},
    {"rating": "Never"},
    {"device": ""},
]


async def pages(database, order, **filters):
    found, after = [], None
    while True:
        async with database.reading() as db:
            page = await stored_calls.calls(db, Filters(**filters), order=order, limit=2, after=after)
        found += [item["id"] for item in page.items]
        if (after := page.next) is None:
            return found


async def no_hours(*_):
    return None


@pytest.mark.parametrize("few", [2, value_hours.FEW])
async def test_a_page_of_a_rare_value_is_that_of_all_calls(database, few, monkeypatch, subtests):
    await save(database, *an_archive(), *(a_call_with("Rare", day=f"2026-02-{day:02}") for day in (1, 2, 9, 9, 27)))
    await fold(database)
    await save(database, a_call_with("Waiting", day="2026-02-03"), a_call_with("Rare", call_id=guid(1), version=9))
    monkeypatch.setattr(value_hours, "FEW", few)
    results = 0
    for filters in FILTERS:
        for order in ("start", "-start"):
            with subtests.test(filters=filters, order=order):
                found = await pages(database, order, **filters)
                with monkeypatch.context() as all_calls:
                    all_calls.setattr(value_hours, "rarest", no_hours)
                    assert found == await pages(database, order, **filters)
                results += bool(found)
    assert results >= 2 * (len(FILTERS) - 4)


def test_consecutive_hours_are_one_range():
    assert value_hours.merged([3, 1, 2, 7, 7]) == [(1, 4), (7, 8)]
