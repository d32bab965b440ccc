"""Nobody reads without a key; what Graph and the orchestrator call needs none."""

import pytest

from tests.archive.records import CALL
from tests.web.application import KEY, calling, opened

pytestmark = pytest.mark.anyio

GUARDED = [
    ("GET", "/api/calls"),
    ("GET", "/api/calls?limit=wrong&unknown=1"),
    ("GET", f"/api/calls/{CALL}"),
    ("GET", f"/api/calls/{CALL}/record"),
    ("GET", "/api/status"),
    ("GET", "/api/inbox"),
    ("POST", f"/api/inbox/{CALL}/retry"),
    ("POST", f"/api/calls/{CALL}/refetch"),
]
WRONG = [
    {},
    {"Authorization": "Bearer wrong"},
    {"Authorization": "Bearer"},
    {"Authorization": f"Basic {KEY}"},
    {"Authorization": KEY},
    {"X-API-Key": "wrong"},
    {"X-API-Key": ""},
    {"X-API-Key": KEY[:-1]},
    {"X-API-Key": KEY.upper()},
    {"X-API-Key": b"\xff\xfe"},
    {"Cookie": f"key={KEY}"},
]


def is_shut(answer):
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == 401
    return (answer.status_code, answer.headers["www-authenticate"][:6]) == (401, "Bearer")


@pytest.mark.parametrize(("method", "path"), GUARDED)
async def test_without_the_right_key_everything_is_a_401(nowhere, method, path):
    for headers in WRONG:
        assert is_shut(await nowhere.request(method, path, headers=headers)), headers
    assert is_shut(await nowhere.request(method, f"{path}{'&' if '?' in path else '?'}key={KEY}"))


@pytest.mark.parametrize(
    "headers", [{"X-API-Key": KEY}, {"Authorization": f"Bearer {KEY}"}, {"authorization": f"bearer  {KEY} "}]
)
async def test_the_key_opens_everything_in_either_header(graph, headers):
    statuses = [(await graph.request(method, path, headers=headers)).status_code for method, path in GUARDED]
    assert statuses == [200, 422, 404, 404, 200, 200, 404, 422]


async def test_with_no_key_set_at_all_it_stays_shut_for_everybody(database, metrics):
    async with opened(database, metrics, key=None) as app, calling(app) as client:
        for headers in ({}, {"X-API-Key": "None"}, {"X-API-Key": ""}, {"Authorization": "Bearer null"}):
            assert is_shut(await client.get("/api/calls", headers=headers))


async def test_an_unknown_route_and_a_wrong_method_are_problems_too(api):
    for method, path, status in (
        ("GET", "/api/nothing", 404),
        ("DELETE", "/api/calls", 405),
        ("PUT", "/api/status", 405),
    ):
        answer = await api.request(method, path)
        assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")


async def test_the_description_of_the_interface_is_open_and_names_every_route(graph):
    paths = (await graph.get("/openapi.json")).json()["paths"]
    routes = (
        "/api/calls",
        "/api/calls/{call_id}",
        "/api/calls/{call_id}/record",
        "/api/status",
        "/api/inbox",
        "/readyz",
    )
    assert set(routes) <= set(paths)
    assert (await graph.get("/docs")).status_code == 200
