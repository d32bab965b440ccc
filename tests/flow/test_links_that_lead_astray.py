"""Next links that a careful client must not follow, and what becomes of the record."""

import pytest
from aiohttp import web

from app.simulator.records import a_call_record
from tests.some import some

pytestmark = pytest.mark.anyio

MEETING = {"type": "groupCall", "participants": 9, "sessions": 7}


@pytest.fixture
def meeting(world):
    world.change_settings({"session_page": 3, "participant_page": 4})
    return world.put(a_call_record(**MEETING)).id


@pytest.fixture
async def elsewhere():
    """(URL of another server, the requests that came there)."""
    came = []

    async def count(request):
        came.append(request)
        return web.json_response({"value": []})

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", count)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}", came
    await runner.cleanup()


async def test_a_link_to_another_host_is_never_followed_and_the_record_is_listed_from_its_start(
    hands, world, meeting, elsewhere
):
    url, came = elsewhere
    world.faults.add({"fault": "foreign_link", "host": url, "match": {"path": f"{meeting}\\?"}})
    await hands.work(meeting)
    assert came == []
    assert await hands.document(meeting) == world.document(meeting)
    assert (await hands.held(meeting)).complete


async def test_where_every_link_leads_to_another_host_the_record_is_kept_incomplete(hands, world, meeting, elsewhere):
    url, came = elsewhere
    world.faults.add({"fault": "foreign_link", "host": url})
    await hands.work(meeting)
    assert came == []
    assert not (await hands.held(meeting)).complete
    assert "a link leaves Graph's own collection" in (await hands.row(meeting)).last_error


async def test_a_link_that_runs_in_a_circle_ends_and_the_rest_is_not_forgotten(hands, world, meeting):
    world.faults.add({"fault": "loop_link"})
    await hands.work(meeting)
    assert world.journal.record_gets[meeting] < 10
    assert not (await hands.held(meeting)).complete
    assert "a link was already followed" in (await hands.row(meeting)).last_error


async def test_a_circle_in_the_first_answer_alone_costs_nothing(hands, world, meeting):
    world.faults.add({"fault": "loop_link", "match": {"path": f"{meeting}\\?"}})
    await hands.work(meeting)
    assert await hands.document(meeting) == world.document(meeting)
    assert (await hands.held(meeting)).complete


async def test_the_links_of_the_documentation_are_mended(hands, world, meeting):
    world.change_settings({"segment_page": 1})
    world.faults.add({"fault": "metadata_link"})
    await hands.work(meeting)
    assert await hands.document(meeting) == world.document(meeting)
    assert not any("$metadata" in asked.path for asked in some(world.journal.requests))
