import json
from datetime import UTC, datetime, timedelta, timezone

import pytest

from app.graph.client import Listed
from app.graph.errors import BadResponse, Conflict, NotFound, Refused, Throttled
from app.graph.parts import Organizer
from app.graph.records import listing
from tests.graph.graph_server import Reply, named, refusal

pytestmark = pytest.mark.anyio

LIST = "/v1.0/communications/callRecords"
SINCE = datetime(2026, 1, 3, 12, 30, tzinfo=timezone(timedelta(hours=1)))
UNTIL = datetime(2026, 1, 4, tzinfo=UTC)
FILTER = (
    f"{LIST}?$filter=startDateTime ge 2026-01-03T11:30:00.0000000Z and startDateTime lt 2026-01-04T00:00:00.0000000Z"
)
SUBSCRIPTIONS = "/v1.0/subscriptions"
A_SUBSCRIPTION = {
    "id": "s-1",
    "resource": "/communications/callRecords",
    "changeType": "updated",
    "notificationUrl": "https://host/notify",
    "lifecycleNotificationUrl": None,
    "expirationDateTime": "2026-01-06T08:00:00.1234567Z",
    "applicationId": "app",
    "somethingNew": {},
}


async def listed(client, until=UNTIL):
    return [entry async for page in client.call_records(SINCE, until) for entry in page]


async def test_a_list_is_paged_to_its_end(client, graph, pace):
    graph.on(
        FILTER,
        {
            "value": [{"id": "a", "version": 2, "startDateTime": "2026-01-03T12:00:00.1234567Z"}, {"version": 3}, 7],
            "@odata.nextLink": f"{graph.root}{LIST}?$skiptoken=2",
        },
    )
    graph.on(f"{LIST}?$skiptoken=2", {"value": named("b")})
    start = datetime(2026, 1, 3, 12, 0, 0, 123456, tzinfo=UTC)
    assert await listed(client) == [Listed("a", 2, start, None), Listed("b", 0, None, None)]
    assert pace.turns == ["list", "list"]


async def test_the_id_of_an_entry_is_in_its_normal_form(client, graph):
    written = ["0A1B2C3D-4E5F-4A6B-8C7D-9E0F1A2B3C4D", "{0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d}", "Other"]
    graph.on(FILTER, {"value": [{"id": one, "version": 1} for one in written]})
    normal = "0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d"
    assert [one.id for one in await listed(client)] == [normal, normal, "other"]


ORGANIZERS = [
    ({}, None),
    ({"organizer": None, "organizer_v2": []}, None),
    ({"organizer": {"user": {"id": "1", "displayName": "Ada"}}}, Organizer("1", "Ada")),
    ({"organizer": {"user": {"displayName": "Ada"}}}, None),
    ({"organizer": {"user": None, "phone": {"id": "+4122", "displayName": 7}}}, Organizer("+4122")),
    (
        {
            "organizer": {"user": {"id": "older"}},
            "organizer_v2": {"id": "2", "identity": {"user": {"id": "2", "userPrincipalName": "ada@example.com"}}},
        },
        Organizer("2", None, "ada@example.com"),
    ),
    ({"organizer": {"user": {"id": "3\x00", "displayName": "A\nd\ud800a"}}}, Organizer("3", "Ada")),
    ({"organizer": {"user": {"id": "4" * 301}}}, None),
    ({"organizer": {"user": {"id": "5", "displayName": "A" * 301}}}, Organizer("5")),
]


def test_the_organizer_of_an_entry_is_read_where_it_has_an_id_and_never_shown_in_a_repr(subtests):
    for row, organizer in ORGANIZERS:
        with subtests.test(row=row):
            found = listing._organizer(row)
            assert found == organizer
            assert "Ada" not in repr(found)


async def test_an_entry_with_unknown_times_and_a_version_written_as_a_float_is_read(client, graph):
    odd = {"id": "a", "version": 2.0, "startDateTime": "0001-01-01T00:00:00Z", "endDateTime": "9999-12-31T23:59:59Z"}
    graph.on(FILTER, {"value": [odd, {"id": "b", "version": "3"}, {"id": "c", "version": True}]})
    versions = [Listed("a", 2, None, None), Listed("b", 3, None, None), Listed("c", 0, None, None)]
    assert await listed(client) == versions


async def test_a_list_without_an_end_asks_for_none(client, graph):
    graph.on(FILTER.partition(" and")[0], {"value": named("a")})
    assert [entry.id for entry in await listed(client, until=None)] == ["a"]


async def test_a_list_that_leads_astray_is_a_bad_response_after_what_it_gave(client, graph, elsewhere):
    graph.on(FILTER, {"value": named("a"), "@odata.nextLink": f"{elsewhere.root}{LIST}?$skiptoken=2"})
    pages = client.call_records(SINCE, UNTIL)
    assert [entry.id for entry in await anext(pages)] == ["a"]
    with pytest.raises(BadResponse):
        await anext(pages)
    assert elsewhere.asked == []


async def test_a_list_whose_link_is_itself_ends(client, graph):
    itself = graph.root + FILTER.replace(" ", "%20")
    graph.on(FILTER, {"value": named("a"), "@odata.nextLink": itself})
    with pytest.raises(BadResponse, match="already followed"):
        await listed(client)
    assert len(graph.asked) == 1


@pytest.mark.parametrize(
    ("reply", "error"), [(refusal(400), Refused), (refusal(429), Throttled), (refusal(404), NotFound)]
)
async def test_a_list_that_is_refused_at_once_says_so(client, graph, reply, error):
    graph.on(FILTER, reply)
    with pytest.raises(error):
        await listed(client)


async def test_a_time_without_a_zone_is_refused(client):
    with pytest.raises(ValueError, match="time zone"):
        client.call_records(datetime(2026, 1, 1))  # noqa: DTZ001


async def test_creating_sends_the_whole_request_and_returns_graphs_own_expiry(client, graph):
    graph.on(SUBSCRIPTIONS, Reply(A_SUBSCRIPTION, 201))
    made = await client.create_subscription(
        notification_url="https://host/notify",
        lifecycle_url="https://host/lifecycle",
        client_state="state",
        expires=datetime(2026, 1, 6, 9, 0, tzinfo=UTC),
    )
    assert made.expires == datetime(2026, 1, 6, 8, 0, 0, 123456, tzinfo=UTC)
    assert (made.lifecycle_url, made.client_state, made.application_id) == (None, None, "app")
    assert graph.asked[0].method == "POST"
    assert json.loads(graph.asked[0].body) == {
        "changeType": "updated",
        "resource": "/communications/callRecords",
        "notificationUrl": "https://host/notify",
        "lifecycleNotificationUrl": "https://host/lifecycle",
        "clientState": "state",
        "expirationDateTime": "2026-01-06T09:00:00.0000000Z",
        "latestSupportedTlsVersion": "v1_2",
    }


async def test_renewing_patches_and_a_lost_subscription_is_not_found(client, graph):
    graph.on(f"{SUBSCRIPTIONS}/s-1", A_SUBSCRIPTION, refusal(404))
    renewed = await client.renew_subscription("s-1", UNTIL)
    assert (renewed.id, graph.asked[0].method) == ("s-1", "PATCH")
    assert json.loads(graph.asked[0].body) == {"expirationDateTime": "2026-01-04T00:00:00.0000000Z"}
    with pytest.raises(NotFound):
        await client.renew_subscription("s-1", UNTIL)


async def test_deleting_twice_is_fine(client, graph):
    graph.on(f"{SUBSCRIPTIONS}/s-1", Reply(b"", 204), refusal(404))
    await client.delete_subscription("s-1")
    await client.delete_subscription("s-1")
    assert [asked.method for asked in graph.asked] == ["DELETE", "DELETE"]


async def test_the_subscriptions_are_paged_and_an_unreadable_expiry_counts_as_past(client, graph):
    graph.on(SUBSCRIPTIONS, {"value": [A_SUBSCRIPTION], "@odata.nextLink": f"{graph.root}{SUBSCRIPTIONS}?$skiptoken=2"})
    graph.on(f"{SUBSCRIPTIONS}?$skiptoken=2", {"value": [A_SUBSCRIPTION | {"id": "s-2", "expirationDateTime": None}]})
    first, second = await client.subscriptions()
    assert (first.id, second.id) == ("s-1", "s-2")
    assert second.expires < first.expires


async def test_a_single_subscription_is_read_as_in_the_list_and_a_lost_one_is_none(client, graph):
    graph.on(f"{SUBSCRIPTIONS}/s-1", A_SUBSCRIPTION, A_SUBSCRIPTION | {"expirationDateTime": None}, refusal(404), {})
    graph.on(SUBSCRIPTIONS, {"value": [A_SUBSCRIPTION]})
    assert [await client.subscription("s-1")] == await client.subscriptions()
    assert (await client.subscription("s-1")).expires.year == 1970
    assert await client.subscription("s-1") is None
    with pytest.raises(BadResponse):
        await client.subscription("s-1")


async def test_a_conflict_names_the_other_subscription(client, graph):
    other = "86be6cf8-1f0f-4b3b-8b7c-0f9f9e1a4e0a"
    graph.on(SUBSCRIPTIONS, refusal(409, "Conflict", f"Subscription Id {other} already exists"))
    with pytest.raises(Conflict) as raised:
        await client.create_subscription(notification_url="n", lifecycle_url="l", client_state="s", expires=UNTIL)
    assert raised.value.subscription_id == other


async def test_a_subscription_without_an_expiry_is_a_bad_response(client, graph):
    graph.on(f"{SUBSCRIPTIONS}/s-1", {"id": "s-1"})
    with pytest.raises(BadResponse):
        await client.renew_subscription("s-1", UNTIL)


async def test_an_id_cannot_leave_its_place_in_the_url(client, graph):
    with pytest.raises(ValueError, match="id"):
        await client.delete_subscription("../users/1")
    assert graph.asked == []
