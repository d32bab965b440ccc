"""Every error below `/v1.0` is one of Graph's, whoever in the application made it."""

import httpx
import pytest

from app.web.graph_api import routes
from tests.archive.records import CALL, a_call_record, save
from tests.web.application import KEY, TENANT, calling
from tests.web.graph_api.graph import RECORDS, error_of, ok, refused, save_calls

pytestmark = pytest.mark.anyio


ERRORS = [
    ("GET", f"{RECORDS}?$orderby=startDateTime", 400, "BadRequest"),
    ("GET", f"{RECORDS}/{CALL}", 404, "NotFound"),
    ("GET", f"{RECORDS}/{CALL}/sessions", 404, "NotFound"),
    ("GET", f"{RECORDS}/not%20a%20guid", 404, "NotFound"),
    ("GET", f"{RECORDS}/%00", 404, "NotFound"),
    ("GET", f"{RECORDS}/%ff%fe", 404, "NotFound"),
    ("GET", f"{RECORDS}/{'x' * 1000}", 404, "NotFound"),
    ("GET", f"{RECORDS}/{CALL}/media", 404, "ResourceNotFound"),
    ("GET", "/v1.0/users", 404, "ResourceNotFound"),
    ("GET", "/v1.0/communications/calls", 404, "ResourceNotFound"),
    ("GET", "/v1.0", 404, "ResourceNotFound"),
    ("GET", "/v1.0/", 404, "ResourceNotFound"),
    ("POST", RECORDS, 405, "MethodNotAllowed"),
    ("DELETE", f"{RECORDS}/{CALL}", 405, "MethodNotAllowed"),
    ("PATCH", f"{RECORDS}('{CALL}')/sessions", 405, "MethodNotAllowed"),
    ("BREW", RECORDS, 405, "MethodNotAllowed"),
]


async def test_an_error_has_graphs_form(api, subtests):
    for method, path, status, code in ERRORS:
        with subtests.test(method=method, path=path, status=status, code=code):
            answer = await api.request(method, path)
            assert (answer.status_code, error_of(answer)["code"]) == (status, code)


async def test_a_function_is_refused_by_name(api):
    message = await refused(api, f"{RECORDS}/microsoft.graph.callRecords.getSmsLog(fromDateTime=2026-01-01)")
    assert "'microsoft.graph.callRecords.getSmsLog'" in message


async def test_who_shows_no_key_or_a_wrong_one_is_not_known(app):
    async with calling(app) as nobody, calling(app, key="wrong") as stranger:
        for client in (nobody, stranger):
            answer = await client.get(RECORDS)
            assert answer.status_code == 401
            assert error_of(answer)["code"] == "InvalidAuthenticationToken"
            assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_a_request_keeps_the_id_that_its_client_gave(database, api):
    await save(database, a_call_record())
    answer = await ok(api, f"{RECORDS}/{CALL}", headers={"client-request-id": "abc-1"})
    assert answer.headers["client-request-id"] == "abc-1"
    assert answer.headers["request-id"] != (await ok(api, RECORDS)).headers["request-id"]


async def test_a_client_id_that_is_none_is_not_repeated(api):
    answer = await api.get(RECORDS, headers={"client-request-id": "a<b>"})
    assert answer.headers["client-request-id"] == answer.headers["request-id"]


async def test_a_mistake_of_ours_is_graphs_error_too(app, monkeypatch):
    def broken(*_):
        raise RuntimeError("Ada Lovelace")

    monkeypatch.setattr(routes.graph_records, "page", broken)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    headers = {"Authorization": f"Bearer {KEY}"}
    async with httpx.AsyncClient(transport=transport, base_url="https://we.example", headers=headers) as client:
        answer = await client.get(RECORDS)
    assert answer.status_code == 500
    assert error_of(answer)["code"] == "InternalServerError"
    assert "Ada" not in answer.text


async def test_a_database_that_is_away_is_a_reason_to_come_again(api, monkeypatch):
    async def away(*_):
        raise ConnectionError("away")

    monkeypatch.setattr(routes.graph_records, "page", away)
    answer = await api.get(RECORDS)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert error_of(answer)["code"] == "ServiceUnavailable"


async def test_elsewhere_errors_stay_problems(api):
    answer = await api.get("/api/calls/none")
    assert answer.headers["content-type"] == "application/problem+json"
    assert "request-id" not in answer.headers


async def test_the_routes_are_in_the_documentation(api):
    paths = (await api.get("/openapi.json")).json()["paths"]
    assert RECORDS in paths
    assert "/v1.0/communications/callRecords('{call_id}')" not in paths
    names = [parameter["name"] for parameter in paths[RECORDS]["get"]["parameters"]]
    assert names == ["$select", "$filter", "$top", "$count", "$skiptoken", "Prefer"]


async def test_an_answer_is_not_cached(database, api):
    await save_calls(database, 1, tenant=TENANT)
    assert (await ok(api, RECORDS)).headers["cache-control"] == "no-store"
