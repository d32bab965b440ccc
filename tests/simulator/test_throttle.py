"""Graph's limits: when they bite, what they say, and that they are counted even when they do not bite."""

import pytest

from app.simulator.errors import GraphError
from app.simulator.graph.throttle import Throttle
from app.simulator.records import a_call_record

pytestmark = pytest.mark.anyio
ROOT = "/v1.0/communications/callRecords"


def test_the_request_over_the_limit_is_refused_until_the_window_has_moved_on():
    now = 0.0
    throttle = Throttle(lambda: now)
    throttle.count("record", "a", 2)
    throttle.count("record", "a", 2)
    now = 2.0
    with pytest.raises(GraphError) as refused:
        throttle.count("record", "a", 2)
    # The refused one counts too: after the wait the window has room for one more.
    now = 2.0 + refused.value.retry_after
    throttle.count("record", "a", 2)
    assert refused.value.retry_after == 19
    assert throttle.busiest["record"] == (3, "a")


def test_requests_sent_while_throttled_keep_it_throttled():
    now = 0.0
    throttle = Throttle(lambda: now)
    throttle.count("list", "t", 1)
    for step in range(1, 5):
        now = step * 15.0
        with pytest.raises(GraphError):
            throttle.count("list", "t", 1)


async def test_one_record_may_be_asked_40_times(client, world):
    call_id = world.put(a_call_record()).id
    statuses = [(await client.ask("GET", f"{ROOT}/{call_id}"))[0] for _ in range(40)]
    status, body, headers = await client.ask("GET", f"{ROOT}/{call_id}/sessions")
    assert set(statuses) == {200}
    assert (status, body["error"]["code"]) == (429, "TooManyRequests")
    assert 1 <= int(headers["Retry-After"]) <= 20
    assert (await client.ask("GET", f"{ROOT}/{world.put(a_call_record()).id}"))[0] == 200


async def test_list_and_tenant_have_limits_of_their_own(client, world):
    world.change_settings({"list_limit": 1, "tenant_limit": 3})
    call_id = world.put(a_call_record()).id
    asked = [(await client.ask("GET", path))[0] for path in (ROOT, ROOT, f"{ROOT}/{call_id}", f"{ROOT}/{call_id}")]
    assert asked == [200, 429, 200, 429]
    assert (await client.ask("GET", "/v1.0/subscriptions"))[0] == 200


async def test_it_can_be_switched_off_and_counts_nevertheless(client, world):
    world.change_settings({"throttle": False, "record_limit": 1})
    call_id = world.put(a_call_record()).id
    for _ in range(3):
        await client.get(f"{ROOT}/{call_id}")
    assert world.stats()["busiest_20s"]["record"] == {"requests": 3, "of": call_id}
    assert world.stats()["record_gets"] == {call_id: 3}


async def test_lists_of_subscriptions_have_narrow_limits_per_tenant_and_per_app(client, world, running):
    world.change_settings({"subscription_list_limit": 2, "subscription_list_app_limit": 3})
    other = world.issue_token("00000000-0000-4000-8000-000000000009", world.client_id, running.url, "")
    asked = [(await client.ask("GET", "/v1.0/subscriptions", token=token))[0] for token in (None, other, None, other)]
    assert asked == [200, 200, 200, 429]
    assert (await client.ask("GET", "/v1.0/subscriptions/none"))[0] == 404
    assert world.stats()["busiest_20s"]["subscription list of app"]["requests"] == 4


async def test_graphs_own_numbers_are_the_defaults(world):
    settings = world.settings
    assert (settings.subscription_list_limit, settings.subscription_list_app_limit) == (25, 40)
    assert settings.subscription_limit == 500
