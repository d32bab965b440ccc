"""Subscriptions: the handshake, what is refused and with which words, and how they end."""

import asyncio
import ssl
from datetime import UTC, datetime, timedelta

import pytest
import trustme
from aiohttp import web

from tests.simulator.conftest import a_subscription, from_now
from tests.some import some

pytestmark = pytest.mark.anyio
ROOT = "/v1.0/subscriptions"


async def create(client, receiver, **changes):
    status, body, _ = await client.ask("POST", ROOT, body=a_subscription(receiver, **changes))
    return status, body


def ahead(**span):
    return (datetime.now(UTC) + timedelta(**span)).isoformat()


async def test_both_urls_are_asked_to_echo_an_awkward_token_before_it_exists(subscribe, receiver):
    made = await subscribe()
    assert [path for path, _, _ in receiver.handshakes] == ["/notify", "/lifecycle"]
    for _, token, body in some(receiver.handshakes):
        assert {"+", "%", ":", " "} <= set(token)
        assert not token.isascii()
        assert body == b""
    assert made["clientState"] == "between us"
    assert made["resource"] == "/communications/callRecords"


async def test_a_query_in_the_url_is_kept_beside_the_token(subscribe, receiver):
    seen = []
    receiver.echo = lambda token: seen.append(token) or web.Response(text=token)
    await subscribe(notificationUrl=f"{receiver.url}/notify?tenant=a%20b")
    assert len(seen) == 2


@pytest.mark.parametrize(
    "echo",
    [
        lambda token: web.Response(text=token, status=202),
        web.json_response,
        lambda token: web.Response(text=token + "\n"),
        lambda token: web.Response(text=token.replace("+", " ")),
        lambda _: web.Response(status=404),
    ],
    ids=["202", "json", "newline", "decoded twice", "404"],
)
async def test_a_wrong_echo_creates_nothing(client, receiver, world, echo):
    receiver.echo = echo
    status, body = await create(client, receiver)
    assert status == 400
    assert "Notification endpoint must respond with 200 OK to validation request." in body["error"]["message"]
    assert world.subscriptions.live() == []


async def test_no_answer_in_time_creates_nothing(client, receiver, world):
    world.change_settings({"validation_timeout_s": 0.05})
    receiver.echo = lambda _: asyncio.Event().wait()
    status, body = await create(client, receiver)
    assert (status, body["error"]["message"]) == (400, "Subscription validation request timed out.")


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"expirationDateTime": timedelta(minutes=4240)}, "can only be 4230 minutes in the future"),
        ({"expirationDateTime": timedelta(minutes=-1)}, "must be in the future"),
        ({"lifecycleNotificationUrl": None}, "lifecycleNotificationUrl is a required property"),
        ({"clientState": "x" * 129}, "at most 128"),
        ({"notificationUrl": "http://collector.example/notify"}, "must be an https URL"),
        ({"notificationUrl": "ftp://localhost/"}, "must be an https URL"),
        ({"changeType": "deleted"}, "not supported"),
        ({"resource": "users"}, "not supported"),
        ({"resource": None}, "'resource' is required"),
        ({"includeResourceData": True}, "Resource data is not supported"),
    ],
)
async def test_a_wrong_wish_is_a_400_that_says_why(client, receiver, changes, says):
    status, body = await create(client, receiver, **changes)
    assert status == 400
    assert says in body["error"]["message"]
    assert receiver.handshakes == []


async def test_an_hour_or_less_needs_no_lifecycle_url_and_too_little_is_raised(subscribe):
    made = await subscribe(lifecycleNotificationUrl=None, expirationDateTime=ahead(minutes=5))
    expires = datetime.fromisoformat(made["expirationDateTime"])
    assert timedelta(minutes=44) < expires - datetime.now(UTC) <= timedelta(minutes=45)


async def test_the_same_change_and_resource_twice_is_a_409_that_names_the_first(client, receiver, subscribe):
    first = await subscribe()
    status, body = await create(client, receiver, resource="communications/callRecords")
    assert status == 409
    text = f"Subscription Id {first['id']} already exists for the requested combination"
    assert body["error"]["message"] == text
    assert (await create(client, receiver, changeType="created"))[0] == 201


async def test_over_the_quota_is_a_403_with_the_number(client, receiver, subscribe, world):
    world.change_settings({"subscription_quota": 1})
    await subscribe()
    status, body = await create(client, receiver, changeType="created")
    assert (status, "limit of 1 subscriptions" in body["error"]["message"]) == (403, True)


async def test_without_the_permission_the_refusal_comes_after_the_handshake(client, receiver, world, running):
    world.change_settings({"roles": []})
    token = world.issue_token(world.tenant_id, world.client_id, running.url, "")
    status, body, _ = await client.ask("POST", ROOT, body=a_subscription(receiver), token=token)
    assert (status, body["error"]["code"]) == (403, "ExtensionError")
    assert len(receiver.handshakes) == 2


async def test_reading_it_back_never_shows_the_client_state(client, subscribe):
    made = await subscribe()
    one = await client.get(f"{ROOT}/{made['id']}")
    listed = await client.get(ROOT)
    assert one["clientState"] is None
    assert [each["id"] for each in listed["value"]] == [made["id"]]
    assert listed["value"][0]["clientState"] is None


async def test_the_list_comes_in_pages(client, subscribe, world):
    world.change_settings({"subscription_page": 1})
    await subscribe()
    await subscribe(changeType="created")
    first = await client.get(ROOT)
    second = await client.get(first["@odata.nextLink"])
    assert len(first["value"]) == len(second["value"]) == 1
    assert "@odata.nextLink" not in second


async def test_a_patch_moves_the_end_and_the_url(client, subscribe, receiver):
    made = await subscribe()
    change = {"expirationDateTime": ahead(hours=60), "notificationUrl": f"{receiver.url}/moved"}
    status, body, _ = await client.ask("PATCH", f"{ROOT}/{made['id']}", body=change)
    assert (status, body["notificationUrl"]) == (200, f"{receiver.url}/moved")
    assert [path for path, _, _ in receiver.handshakes] == ["/notify", "/lifecycle", "/moved", "/lifecycle"]
    assert body["expirationDateTime"] > made["expirationDateTime"]


async def test_a_patch_may_validate_only_a_changed_url(client, subscribe, receiver, world):
    world.change_settings({"validate_renewals": False})
    made = await subscribe()
    one = f"{ROOT}/{made['id']}"
    assert (await client.ask("PATCH", one, body={"expirationDateTime": ahead(hours=60)}))[0] == 200
    assert (await client.ask("PATCH", one, body={"notificationUrl": f"{receiver.url}/moved"}))[0] == 200
    assert [path for path, _, _ in receiver.handshakes] == ["/notify", "/lifecycle", "/moved"]


@pytest.mark.parametrize("change", [{}, {"clientState": "new"}, {"expirationDateTime": timedelta(days=4)}])
async def test_a_patch_of_anything_else_is_refused(client, subscribe, change):
    made = await subscribe()
    assert (await client.ask("PATCH", f"{ROOT}/{made['id']}", body=from_now(change)))[0] == 400


async def test_a_subscription_runs_out(client, subscribe, world, running):
    made = await subscribe()
    world.change_settings({"clock_offset_s": 3 * 86400})
    token = world.issue_token(world.tenant_id, world.client_id, running.url, "")
    change = {"expirationDateTime": ahead(days=4)}
    assert (await client.ask("PATCH", f"{ROOT}/{made['id']}", body=change, token=token))[0] == 404


async def test_delete_is_204_once_and_404_then(client, subscribe):
    made = await subscribe()
    assert (await client.ask("DELETE", f"{ROOT}/{made['id']}"))[0] == 204
    assert (await client.ask("DELETE", f"{ROOT}/{made['id']}"))[0] == 404


async def test_reauthorize_and_patch_close_together_are_noted_as_a_violation(client, subscribe, world):
    made = await subscribe()
    one = f"{ROOT}/{made['id']}"
    assert (await client.ask("POST", f"{one}/reauthorize"))[0] == 204
    assert world.journal.violations == []
    await client.ask("PATCH", one, body={"expirationDateTime": ahead(hours=60)})
    assert [each["call"] for each in world.journal.subscription_calls] == ["create", "reauthorize", "patch"]
    assert world.journal.violations[0]["subscription_id"] == made["id"]


async def test_another_tenant_does_not_see_it(client, subscribe, world, running):
    made = await subscribe()
    world.directory.add_tenant("00000000-0000-4000-8000-000000000009", "other.example")
    token = world.issue_token("00000000-0000-4000-8000-000000000009", world.client_id, running.url, "")
    assert (await client.ask("GET", f"{ROOT}/{made['id']}", token=token))[0] == 404


async def test_a_certificate_of_an_unknown_issuer_is_taken_unless_the_world_is_strict(client, receiver, world):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    trustme.CA().issue_cert("localhost").configure_cert(context)
    secure = await receiver.listen(context)
    urls = {"notificationUrl": f"{secure}/notify", "lifecycleNotificationUrl": f"{secure}/lifecycle"}
    world.change_settings({"verify_notification_tls": True})
    assert (await create(client, receiver, **urls))[0] == 400
    world.change_settings({"verify_notification_tls": False})
    assert (await create(client, receiver, **urls))[0] == 201
