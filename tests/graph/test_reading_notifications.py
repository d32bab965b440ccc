import json
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.graph.notifications.reader import ChangeNotification, Ignored, LifecycleEvent, NotACollection, entries, item
from tests.some import some

TENANT = "84bd8158-6d4d-4958-8b9f-9d6445542f95"
CALL = "e523d2ed-2966-4b6b-925b-754a88034cc5"
SUBSCRIPTION = "7f105c7d-2dc5-4530-97cd-4e7ae6534c07"


def an_item(**changes):
    item = {
        "subscriptionId": SUBSCRIPTION,
        "subscriptionExpirationDateTime": "2026-01-01T00:00:00.000+00:00",
        "clientState": "state",
        "changeType": "updated",
        "resource": f"communications/callRecords/{CALL}",
        "tenantId": TENANT,
        "resourceData": {
            "@odata.type": "#Microsoft.Graph.callRecord",
            "@odata.id": f"communications/callRecords/{CALL}",
            "id": CALL,
        },
    }
    return {key: value for key, value in (item | changes).items() if value is not ...}


def read(body):
    return [item(entry) for entry in entries(body)]


def one(entry):
    (found,) = read(json.dumps({"value": [entry], "validationTokens": None}).encode())
    return found


def test_a_notification_is_read_to_the_ids_we_need():
    assert one(an_item()) == ChangeNotification(TENANT, CALL, SUBSCRIPTION, "state", "updated")


CALL_RECORDS = "communications/callRecords"
KEY_FORMS = [
    f"{CALL_RECORDS}/{CALL}",
    f"{CALL_RECORDS}/{CALL}/",
    f"{CALL_RECORDS}('{CALL}')",
    f"{CALL_RECORDS}(%27{CALL}%27)",
    f"{CALL_RECORDS}%28%27{CALL}%27%29",
    f"{CALL_RECORDS}({CALL})",
    f'{CALL_RECORDS}("{CALL}")',
    f"{CALL_RECORDS}(id='{CALL}')",
    f"{CALL_RECORDS}/('{CALL}')",
    f"{CALL_RECORDS}/{{{CALL}}}",
    f"{CALL_RECORDS}('{{{CALL}}}')",
    f"{CALL_RECORDS}(%27%7B{CALL}%7D%27)",
    f"communications%2FcallRecords%2F{CALL}",
]
PREFIXES = ["", "/", "https://graph.microsoft.com/v1.0/", "https://graph.microsoft.us/beta/"]


def spellings(form):
    """A brace, a prefix or another case changes nothing."""
    return [case(prefix + form) for prefix in PREFIXES for case in (str, str.upper, str.lower)]


@pytest.mark.parametrize("form", KEY_FORMS)
def test_the_call_is_found_in_the_resource_in_every_form(form):
    for spelling in some(spellings(form)):
        for resource_data in (..., None, {}, {"@odata.type": "#Microsoft.Graph.callRecord"}):
            found = one(an_item(resource=spelling, resourceData=resource_data))
            assert found == ChangeNotification(TENANT, CALL, SUBSCRIPTION, "state", "updated"), (
                spelling,
                resource_data,
            )


@pytest.mark.parametrize("form", KEY_FORMS)
def test_the_call_is_found_in_the_odata_id_where_the_resource_does_not_name_it(form):
    for spelling, name in product(spellings(form), ["@odata.id", "oDataId", "odata.id", "@ODATA.ID"]):
        for resource in (..., None, "", CALL_RECORDS):
            found = one(an_item(resource=resource, resourceData={name: spelling}))
            assert found == ChangeNotification(TENANT, CALL, SUBSCRIPTION, "state", "updated"), (
                resource,
                name,
                spelling,
            )


@pytest.mark.parametrize(
    "changes",
    [
        {"resourceData": {"id": 7}},
        {"resourceData": "text"},
        {"resourceData": []},
        {"resourceData": {"id": None}},
        {"resourceData": {"id": ""}},
        {"resourceData": {"id": CALL.upper()}, "resource": CALL_RECORDS},
        {"resourceData": {"id": f"{{{CALL}}}"}, "resource": CALL_RECORDS},
        {"resourceData": {"Id": CALL}, "resource": CALL_RECORDS},
        {"resourceData": {"id": CALL}, "resource": ...},
        {"resourceData": {"id": CALL}, "resource": None},
        {"resource": ...},
        {"tenantId": TENANT.upper()},
        {"tenantId": f"{{{TENANT}}}"},
        {"resource": CALL_RECORDS},
        {"resource": f"/{CALL_RECORDS}/"},
    ],
)
def test_the_call_is_found_in_every_form_graph_writes(changes):
    found = one(an_item(**changes))
    assert isinstance(found, ChangeNotification)
    assert (found.tenant_id, found.call_id) == (TENANT, CALL)


def test_the_field_cases_are_understood():
    """Four ways of naming one call, as products' tests and users' logs have them."""
    body = json.dumps({"value": [an_item(**changes) for changes in FIELD_CASES]}).encode()
    assert [item.call_id for item in read(body)] == [CALL] * len(FIELD_CASES)


FIELD_CASES = [
    {"resource": f"{CALL_RECORDS}('{CALL}')", "resourceData": {"@odata.id": f"{CALL_RECORDS}('{CALL}')", "id": CALL}},
    {
        "resource": f"{CALL_RECORDS}('{CALL}')",
        "resourceData": {"@odata.type": "#microsoft.graph.callrecord", "@odata.id": f"{CALL_RECORDS}('{CALL}')"},
    },
    {"resource": f"{CALL_RECORDS}('{CALL}')", "resourceData": ...},
    {"resource": CALL_RECORDS, "resourceData": {"id": CALL}},
]


@pytest.mark.parametrize("change_type", ["created", "updated", "created,updated", "Updated", "created, updated"])
def test_first_versions_and_later_ones_are_taken(change_type):
    assert one(an_item(changeType=change_type)).change_type == change_type


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"changeType": "deleted"}, "change_type"),
        ({"changeType": "updated,deleted"}, "change_type"),
        ({"changeType": ""}, "change_type"),
        ({"changeType": ...}, "change_type"),
        ({"changeType": 7}, "change_type"),
        ({"resource": "users/1"}, "resource"),
        ({"resource": f"communications/callRecordsX/{CALL}"}, "resource"),
        ({"resource": f"xcommunications/callRecords/{CALL}"}, "resource"),
        ({"resource": ["communications/callRecords"]}, "resource"),
        ({"resource": ..., "resourceData": ...}, "resource"),
        ({"resource": "communications/callRecords/" + "x" * 2000}, "resource"),
        ({"resource": "communications/callRecords/1", "resourceData": {"id": "../users"}}, "call_id"),
        ({"resource": f"communications/callRecords(%2527{CALL}%2527)", "resourceData": None}, "call_id"),
        ({"resource": f"communications/callRecords/%257B{CALL}%257D", "resourceData": None}, "call_id"),
        ({"resource": "users/1", "resourceData": None}, "resource"),
        ({"resource": None, "resourceData": {"@odata.id": f"users/{CALL}"}}, "resource"),
        ({"resource": f"communications/callRecords/{CALL}/x", "resourceData": None}, "call_id"),
        ({"resource": f"communications/callRecords/{CALL}\n", "resourceData": {"id": f"{CALL}\n"}}, "call_id"),
        ({"tenantId": "contoso.com"}, "tenant"),
        ({"tenantId": None}, "tenant"),
    ],
)
def test_what_is_none_of_ours_is_ignored_for_a_reason(changes, reason):
    assert one(an_item(**changes)) == Ignored(reason)


@pytest.mark.parametrize(
    "changes",
    [
        {"resource": "communications/callRecords/1", "resourceData": None},
        {"resource": "chats/1"},
        {"changeType": "renamed"},
        {"lifecycleEvent": "missed", "subscriptionId": None},
    ],
)
def test_what_is_not_understood_says_whose_it_is_and_has_a_shape(changes):
    """So that the receiver can tell Graph's new manners from junk."""
    found = one(an_item(**changes))
    assert (found.tenant_id, found.client_state) == (TENANT, "state")
    assert found.shape


@pytest.mark.parametrize("change_type", ["deleted", "Deleted"])
def test_a_deletion_is_understood_and_means_nothing_here(change_type):
    found = one(an_item(changeType=change_type))
    assert (found, found.shape) == (Ignored("change_type"), None)


@pytest.mark.parametrize(
    ("resource", "shape"),
    [
        (f"/communications/callRecords(%2527{CALL}%2527)", "/communications/callRecords(%2527x8-x4-x4-x4-x12%2527)"),
        ("Communications/CallRecords/jane.doe@example.com", "Communications/CallRecords/x4.x3@x7.x3"),
        ("communications/callRecords/\u00e9\n1", "communications/callRecords/??x1"),
        (7, "int"),
    ],
)
def test_the_shape_shows_how_it_is_written_and_nothing_of_what_it_says(resource, shape):
    item = an_item(resource=resource, resourceData={"@odata.id": resource, "id": "jane", "jane doe": {"jane": 1}})
    found = one(item)
    written = f"resource={shape} resourceData={{@odata.id={shape} id=x4 jane?doe=dict}}"
    assert f" {written} " in f" {found.shape} "
    for content in (SUBSCRIPTION, TENANT, "2026", "clientState=state"):
        assert content not in found.shape


def test_a_shape_is_short_whatever_came():
    keys = {f"key{number}": "x" * 500 for number in range(100)}
    assert len(one(an_item(**keys, changeType="x" * 900, resource="y" * 900)).shape) <= 1000


def test_the_dummy_of_event_hubs_falls_out():
    dummy = dict.fromkeys(an_item(), "NA") | {
        "changeType": "Validation: Testing client application reachability for subscription Request-Id: 1"
    }
    assert one(dummy) == Ignored("change_type")


@pytest.mark.parametrize("state", [..., None, 7, [], "a\0b", "half \ud83d", "x" * 1001])
def test_a_client_state_that_is_no_text_is_none(state):
    assert one(an_item(clientState=state)).client_state is None


@pytest.mark.parametrize("event", ["reauthorizationRequired", "subscriptionRemoved", "missed", "somethingNew"])
def test_a_lifecycle_event_needs_no_resource(event):
    item = {"subscriptionId": SUBSCRIPTION, "tenantId": TENANT, "clientState": "state", "lifecycleEvent": event}
    assert one(item) == LifecycleEvent(TENANT, SUBSCRIPTION, "state", event)


@pytest.mark.parametrize("item", [7, None, "x", [], {"lifecycleEvent": 7}, {"lifecycleEvent": "missed"}])
def test_what_is_no_item_is_malformed(item):
    assert one(item).reason in {"malformed", "change_type"}


def test_one_bad_item_does_not_touch_the_others():
    body = json.dumps({"value": [an_item(), 7, an_item(changeType="deleted"), an_item()]}).encode()
    kinds = [type(item) for item in read(body)]
    assert kinds == [ChangeNotification, Ignored, Ignored, ChangeNotification]


def test_an_empty_collection_is_one():
    assert read(b'{"value":[]}') == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b'{"value":{}}',
        b'{"value":null}',
        b'{"value":[}',
        b'{"value":["\xff"]}',
        b"[" * 100_000,
        b'{"value":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"value":[' + b"9" * 5000 + b'],"x":"\\ud83d"}',
    ],
)
def test_what_is_no_collection_is_said_to_be_none(body):
    with pytest.raises(NotACollection):
        read(body)


def test_a_byte_order_mark_and_half_an_emoji_are_forgiven():
    body = json.dumps({"value": [an_item()], "x": "\ud83d"}).encode()
    assert isinstance(read(b"\xef\xbb\xbf" + body)[0], ChangeNotification)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from([CALL, TENANT, "updated"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
KEYS = [*an_item(), "lifecycleEvent"]
RESOURCE_DATA = st.dictionaries(st.sampled_from(["id", "@odata.id"]), ANYTHING)


@given(st.lists(ANYTHING | st.dictionaries(st.sampled_from(KEYS), ANYTHING | RESOURCE_DATA)))
def test_no_item_breaks_the_reader_and_what_it_takes_can_be_stored(items):
    found = read(json.dumps({"value": [*items, an_item()]}).encode())
    assert len(found) == len(items) + 1
    assert isinstance(found[-1], ChangeNotification)
    for one_item in found:
        for name in some(one_item.__slots__):
            value = getattr(one_item, name)
            assert value is None or ("\0" not in value and isinstance(value.encode(), bytes))


@given(st.binary() | ANYTHING.map(lambda value: json.dumps(value).encode()))
def test_no_body_raises_anything_but_not_a_collection(body):
    try:
        found = read(body)
    except NotACollection:
        return
    assert isinstance(found, list)
