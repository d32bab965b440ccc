"""Whatever is asked, the answer is never our mistake (500), and a refusal is always a problem document."""

import json
from base64 import urlsafe_b64encode
from urllib.parse import quote

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.archive.records import CALL, a_call_record, save
from tests.web.application import TENANT

pytestmark = pytest.mark.anyio

PATHS = ["/api/calls", "/api/inbox", "/api/status", f"/api/calls/{CALL}", f"/api/calls/{CALL}/record"]
NAMES = ["from", "to", "tenant", "order", "limit", "cursor", "state"]

moments = st.datetimes(timezones=st.timezones()).map(lambda moment: moment.isoformat())
keys = st.one_of(
    st.tuples(moments, st.text(), st.text()).map(orjson.dumps),
    st.tuples(st.sampled_from(["start", "-start"]), st.integers(), st.integers()).map(
        lambda key: ",".join(map(str, key)).encode()
    ),
    st.binary(),
)
cursors = keys.map(lambda key: urlsafe_b64encode(key).decode().rstrip("="))
texts = st.text(st.characters(exclude_categories=["Cs"]))
values = st.one_of(
    texts, moments, cursors, st.integers().map(str), st.sampled_from([TENANT, "start", "-start", "due", "", "\0"])
)
queries = st.lists(st.tuples(st.one_of(st.sampled_from(NAMES), texts), values), max_size=3)
plain = st.none() | st.booleans() | st.integers() | st.floats() | texts
members = st.sampled_from(["value", "tenantId", "clientState", "resource", "resourceData", "id", "lifecycleEvent"])
hostile = settings(
    max_examples=60, deadline=None, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def is_no_mistake_of_ours(answer):
    assert answer.status_code < 500, answer.text
    if answer.status_code >= 400:
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["detail"]


@pytest.fixture
async def some_call(database):
    await save(database, a_call_record())


@hostile
@given(path=st.sampled_from(PATHS), query=queries)
async def test_no_query_makes_a_mistake_of_ours(api, client_state, some_call, path, query):
    is_no_mistake_of_ours(await api.get(path, params=query))


@hostile
@given(path=st.sampled_from(["/api/calls", "/api/inbox"]), cursor=cursors)
async def test_no_cursor_makes_a_mistake_of_ours(api, some_call, path, cursor):
    is_no_mistake_of_ours(await api.get(path, params={"cursor": cursor, "limit": 1}))


@hostile
@given(part=texts, route=st.sampled_from(["/api/calls/{}", "/api/calls/{}/record", "/api/inbox/{}/retry"]))
async def test_no_id_makes_a_mistake_of_ours(api, part, route):
    path = route.format(quote(part, safe=""))
    is_no_mistake_of_ours(await (api.post(path) if path.endswith("retry") else api.get(path)))


@hostile
@given(body=st.recursive(plain, lambda inner: st.lists(inner) | st.dictionaries(members | texts, inner)))
async def test_no_notification_makes_a_mistake_of_ours(graph, client_state, body):
    for content in (json.dumps(body), json.dumps({"value": [body]})):
        answer = await graph.post("/graph/notifications", content=content)
        assert answer.status_code in (202, 400)
