"""List as it was seen to refuse, to be slow, to throttle, and to be large."""

import asyncio
import tracemalloc
from datetime import UTC, datetime, timedelta

import pytest

from app.simulator.generated import GeneratedRecords
from app.simulator.records import a_call_record

pytestmark = pytest.mark.anyio
ROOT = "/v1.0/communications/callRecords"


def bound(**before):
    return (datetime.now(UTC) - timedelta(**before)).strftime("%Y-%m-%dT%H:%M:%SZ")


def window(since, until):
    return f"{ROOT}?$filter=startDateTime ge {since} and startDateTime lt {until}"


async def status_of(client, path):
    return (await client.ask("GET", path))[0]


async def pages(client, link):
    while link:
        page = await client.get(link)
        yield page["value"]
        link = page.get("@odata.nextLink")


async def test_a_window_that_leaves_the_retention_or_the_present_is_refused(client, world):
    world.change_settings({"list_window": True})
    inside = window(bound(days=29, hours=23), bound(minutes=1))
    early = window(bound(days=30, minutes=1), bound(days=1))
    late = window(bound(days=1), bound(minutes=-1))
    assert [await status_of(client, path) for path in (inside, early, late)] == [200, 400, 400]
    assert await status_of(client, ROOT) == 200


async def test_the_clock_of_the_window_is_graphs_own(client, world):
    world.change_settings({"list_window": True, "clock_offset_s": 120})
    assert await status_of(client, window(bound(days=29, hours=23, minutes=59), bound())) == 400
    world.change_settings({"clock_offset_s": -120})
    assert await status_of(client, window(bound(days=1), bound())) == 400
    assert await status_of(client, window(bound(days=1), bound(minutes=3))) == 200


async def test_a_page_that_is_asked_for_too_late_is_refused_as_well(client, world):
    world.change_settings({"list_window": True, "list_page": 1})
    for _ in range(2):
        world.put(a_call_record())
    first = await client.get(window(bound(days=29, hours=23, minutes=59), bound()))
    world.change_settings({"clock_offset_s": 120})
    assert await status_of(client, first["@odata.nextLink"]) == 400


async def test_the_lenient_list_takes_any_window(client, world):
    world.change_settings({"list_window": False})
    assert await status_of(client, window(bound(days=60), bound(minutes=-5))) == 200


async def test_top_is_refused_in_graphs_words_unless_it_is_allowed(client, world):
    for _ in range(3):
        world.put(a_call_record())
    status, body, _ = await client.ask("GET", f"{ROOT}?$top=2")
    assert status == 400
    assert body["error"]["message"] == (
        "The query specified in the URI is not valid. Query option 'Top' is not allowed. To allow it, set the "
        "'AllowedQueryOptions' property on EnableQueryAttribute or QueryValidationSettings."
    )
    world.change_settings({"list_top_allowed": True})
    assert len((await client.get(f"{ROOT}?$top=2"))["value"]) == 2


async def test_a_page_takes_as_long_as_it_is_set_to(client, world):
    world.change_settings({"list_page_s": 0.1})
    began = asyncio.get_running_loop().time()
    await client.get(ROOT)
    assert asyncio.get_running_loop().time() - began >= 0.1


async def test_storms_refuse_a_stretch_of_list_requests_and_nothing_else(client, world):
    world.change_settings({"list_storm_every": 2, "list_storm_length": 3, "list_storm_retry_after_s": 9})
    call_id = world.put(a_call_record()).id
    answers = [await client.ask("GET", ROOT) for _ in range(7)]
    assert [status for status, _, _ in answers] == [200, 200, 429, 429, 429, 200, 200]
    assert answers[2][2]["Retry-After"] == "9"
    assert await status_of(client, f"{ROOT}/{call_id}") == 200


async def test_generated_records_are_listed_once_each_after_the_stored_ones(client, world):
    stored = world.put(a_call_record()).id
    await client.control("POST", "/generated", {"count": 150, "days": 3})
    ids = [each["id"] async for page in pages(client, ROOT) for each in page]
    assert ids[0] == stored
    assert len(ids) == len(set(ids)) == 151


async def test_a_generated_record_reads_as_it_was_listed_and_in_the_same_way_again(client, world):
    world.generate(10)
    (listed, *_) = (await client.get(ROOT))["value"]
    first, again = [await client.get(f"{ROOT}/{listed['id']}?$expand=sessions($expand=segments)") for _ in range(2)]
    assert {name: first[name] for name in listed} == listed
    assert first == again
    assert first["sessions"][0]["segments"][0]["media"]


async def test_generated_records_follow_the_window_that_is_asked_for(client, world):
    world.generate(24 * 29, days=29)
    path = window(bound(days=2), bound(days=1))
    starts = [each["startDateTime"] async for page in pages(client, path) for each in page]
    assert len(starts) == 24
    assert starts == sorted(starts)


async def test_a_rare_participant_among_generated_records_gives_empty_pages_with_a_link(client, world):
    world.generate(5_000)
    person = (await client.get(ROOT))["value"][-1]["organizer_v2"]["id"]
    path = f"{ROOT}?$filter=participants_v2/any(p:p/id eq '{person}')"
    sizes = [len(page) async for page in pages(client, path)]
    assert sum(sizes) == 1
    assert 0 in sizes


async def test_generated_records_end_and_other_tenants_have_none(client, world, running):
    world.generate(5)
    token = world.issue_token("00000000-0000-4000-8000-000000000009", world.client_id, running.url, "")
    assert (await client.get(ROOT, token=token))["value"] == []
    world.generate(0)
    assert (await client.get(ROOT))["value"] == []


async def test_three_hundred_thousand_records_need_no_memory(client, world):
    world.generate(300_000)
    tracemalloc.start()
    page = await client.get(window(bound(days=2), bound(days=1)))
    last = await client.get(window(bound(hours=2), bound(hours=1)))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (len(page["value"]), "@odata.nextLink" in page, len(last["value"])) == (60, True, 60)
    assert most < 5_000_000


def test_a_generated_id_says_its_number_and_others_none():
    records = GeneratedRecords("tenant", 10, 1.0, datetime.now(UTC), seed=7)
    assert records.number(records.id(9).upper()) == 9
    other = GeneratedRecords("tenant", 10, 1.0, datetime.now(UTC), seed=8)
    assert [records.number(each) for each in (records.id(10), other.id(1), "nonsense")] == [None] * 3
