"""`POST /v1.0/$batch`: Graph's JSON batching, with the access control and the audit of single requests."""

import asyncio

import pytest

from app.web import request_body
from app.web.graph_api import batch
from app.web.graph_api.context import GraphContext
from app.web.request_body import RequestBodies
from tests.archive.records import CALL, a_call_record, guid, save
from tests.web.application import KEY, TENANT, calling, opened
from tests.web.auth.guarded import caller
from tests.web.graph_api.graph import RECORDS, error_of, ok, refused, save_calls, save_elsewhere

pytestmark = pytest.mark.anyio

BATCH = "/v1.0/$batch"
ONE = f"/communications/callRecords/{CALL}"
MISSING = f"/communications/callRecords/{guid(404)}"


def a_get(number, url=ONE, **more):
    return {"id": str(number), "method": "GET", "url": url} | more


async def batched(client, *requests):
    """The responses by id."""
    answer = await client.post(BATCH, json={"requests": list(requests)})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    responses = answer.json()["responses"]
    assert [set(each) - {"body"} for each in responses] == [{"id", "status", "headers"}] * len(requests)
    found = {each["id"]: each for each in responses}
    assert list(found) == [each["id"] for each in requests]
    return found


def statuses(responses):
    return {number: each["status"] for number, each in responses.items()}


async def test_each_request_is_answered_as_it_is_alone(database, api):
    await save(database, a_call_record(huge=2**63 - 1, exact=0.1))
    urls = [ONE, f"{ONE}?$select=id,participants", f"{ONE}/sessions?$expand=segments", "/communications/callRecords"]
    found = await batched(api, *(a_get(number, url) for number, url in enumerate(urls)))
    for number, url in enumerate(urls):
        alone = await ok(api, f"/v1.0{url}")
        answer = found[str(number)]
        assert (answer["status"], answer["body"]) == (200, alone.json())
        assert answer["headers"]["Content-Type"] == alone.headers["content-type"]
        assert answer["headers"]["OData-Version"] == "4.0"


URLS = [
    ONE,
    ONE.removeprefix("/"),
    f"/v1.0{ONE}",
    f"/communications/callRecords/{CALL.upper()}",
    f"v1.0{ONE}",
    f"https://we.example/v1.0{ONE}",
    f"HTTPS://WE.example/v1.0{ONE}",
    f"/communications/callRecords('{CALL}')",
    f"/communications/callRecords(%27{CALL}%27)?$select=id",
    f"{ONE}?$select=id,participants",
    f"{ONE}?%24select=id",
    "/communications/callRecords?$filter=startDateTime ge 2020-01-01T00:00:00Z and startDateTime lt 2030-01-01T00:00:00Z",
    "/communications/callRecords?$filter=startDateTime%20ge%202020-01-01T00:00:00Z",
]


async def test_urls_are_relative_with_or_without_the_version_or_lead_to_this_host(database, api, subtests):
    await save(database, a_call_record())
    for url in URLS:
        with subtests.test(url=url):
            answer = (await batched(api, a_get(1, url)))["1"]
            body = answer["body"]
            assert (answer["status"], body.get("id") or body["value"][0]["id"]) == (200, CALL)


WRONG_URLS = [
    (f"https://graph.microsoft.com/v1.0{ONE}", "this host"),
    ("https://[::1/v1.0", "cannot be read"),
    (f"{ONE}#x", "#"),
    (f"/beta{ONE}", "/beta"),
    ("/$batch", "A batch"),
    ("/v1.0/%24batch", "A batch"),
]


async def test_a_url_that_cannot_be_in_a_batch_is_a_400_of_its_own(database, api, subtests):
    await save(database, a_call_record())
    for url, named in WRONG_URLS:
        with subtests.test(url=url, named=named):
            found = await batched(api, a_get(1, url), a_get(2))
            assert statuses(found) == {"1": 400, "2": 200}
            assert named in found["1"]["body"]["error"]["message"]


OUTSIDE = ["/../api/calls", "//api/calls", "/%2e%2e/api/calls", "/me", "/communications/../../api"]


async def test_no_url_leads_out_of_the_graph_api(database, api, subtests):
    await save(database, a_call_record())
    for url in OUTSIDE:
        with subtests.test(url=url):
            assert statuses(await batched(api, a_get(1, url))) == {"1": 404}


async def test_every_answer_has_its_own_status_headers_and_error(database, api):
    await save(database, a_call_record())
    found = await batched(
        api,
        a_get(1),
        a_get(2, MISSING),
        a_get(3, "/communications/callRecords?$orderby=startDateTime"),
        a_get(4, ONE) | {"method": "DELETE"},
        a_get(5, f"{ONE}/sessions/$count"),
    )
    assert statuses(found) == {"1": 200, "2": 404, "3": 400, "4": 405, "5": 200}
    assert found["2"]["body"]["error"]["code"] == "NotFound"
    assert "'$orderby'" in found["3"]["body"]["error"]["message"]
    assert found["2"]["body"]["error"]["innerError"]["request-id"] == found["2"]["headers"]["request-id"]
    assert found["5"]["body"] == 1
    assert found["5"]["headers"]["Content-Type"].startswith("text/plain")
    assert len({each["headers"]["request-id"] for each in found.values()}) == 5


async def test_the_headers_of_a_request_are_its_own(database, api):
    calls = await save_calls(database, 3)
    small = {"Prefer": "odata.maxpagesize=1", "client-request-id": "mine-1", "Content-Type": "application/json"}
    found = await batched(
        api, a_get(1, "/communications/callRecords", headers=small), a_get(2, "/communications/callRecords")
    )
    assert [each["id"] for each in found["1"]["body"]["value"]] == calls[:1]
    assert len(found["2"]["body"]["value"]) == 3
    assert found["1"]["headers"]["Preference-Applied"] == "odata.maxpagesize=1"
    assert found["1"]["headers"]["client-request-id"] == "mine-1"
    link = found["1"]["body"]["@odata.nextLink"]
    assert link.startswith("https://we.example/v1.0/communications/callRecords?")
    assert (await batched(api, a_get("next", link)))["next"]["body"]["value"][0]["id"] == calls[1]


@pytest.mark.parametrize("name", ["dependsOn", "depends_on"])
async def test_what_depends_on_a_failure_is_a_424_and_not_asked(database, api, name):
    await save(database, a_call_record())
    found = await batched(
        api,
        a_get("last", **{name: ["MIDDLE"]}),
        a_get("middle", **{name: ["first"]}),
        a_get("first", MISSING),
        a_get("good"),
        a_get("after", **{name: ["good"]}),
    )
    assert statuses(found) == {"last": 424, "middle": 424, "first": 404, "good": 200, "after": 200}
    error = found["middle"]["body"]["error"]
    assert (error["code"], "'first'" in error["message"]) == ("FailedDependency", True)
    assert found["middle"]["headers"]["Content-Type"] == "application/json"


async def test_a_request_waits_for_those_it_depends_on(database, api, monkeypatch):
    await save(database, a_call_record())
    running, order, real = set(), [], batch.run

    async def watched(outer, request, free):
        assert running.isdisjoint(request.depends_on)
        running.add(request.id)
        await asyncio.sleep(0)
        answer = await real(outer, request, free)
        running.remove(request.id)
        order.append(request.id)
        return answer

    monkeypatch.setattr(batch, "run", watched)
    await batched(api, a_get(3, dependsOn=["2", "1"]), a_get(2, dependsOn=["1"]), a_get(1))
    assert order == ["1", "2", "3"]


UNREADABLE = [
    (b"", "not JSON"),
    (b"{", "not JSON"),
    (b"[" * 5000, "not JSON"),
    (b"[]", "'requests'"),
    (b"{}", "'requests'"),
    (b'{"requests":{}}', "'requests'"),
    (b'{"requests":[]}', "at least one"),
    (b'{"requests":[1]}', "Request 1 is not an object"),
    (b'{"requests":[{"method":"GET","url":"/x"}]}', "'id'"),
    (b'{"requests":[{"id":1,"method":"GET","url":"/x"}]}', "'id'"),
    (b'{"requests":[{"id":"","method":"GET","url":"/x"}]}', "'id'"),
    (b'{"requests":[{"id":"1","url":"/x"}]}', "'method'"),
    (b'{"requests":[{"id":"1","method":"GET /x","url":"/x"}]}', "'method'"),
    (b'{"requests":[{"id":"1","method":"GET"}]}', "'url'"),
    (b'{"requests":[{"id":"1","method":"GET","url":"/x\\r\\ny"}]}', "'url'"),
    (b'{"requests":[{"id":"1","method":"GET","url":"/x","headers":[]}]}', "'headers'"),
    (b'{"requests":[{"id":"1","method":"GET","url":"/x","dependsOn":"2"}]}', "'dependsOn'"),
    (b'{"requests":[{"id":"1","method":"GET","url":"/x","dependsOn":["2"]}]}', "no request of the batch"),
    (b'{"requests":[{"id":"1","method":"GET","url":"/x","dependsOn":["1"]}]}', "depends on itself"),
    (
        b"""{"requests":[{"id":"1","method":"GET","url":"/x","dependsOn":["2"]},
            {"id":"2","method":"GET","url":"/x","dependsOn":["1"]}]}""",
        "depends on itself",
    ),
    (
        b'{"requests":[{"id":"a","method":"GET","url":"/x"},{"id":"A","method":"GET","url":"/x"}]}',
        "the same id",
    ),
]


async def test_a_batch_that_cannot_be_read_is_one_400(api, subtests):
    for body, named in UNREADABLE:
        with subtests.test(body=body, named=named):
            answer = await api.post(BATCH, content=body)
            assert answer.status_code == 400
            assert named in error_of(answer)["message"]


async def test_more_than_twenty_requests_are_refused_and_twenty_are_answered(database, api):
    await save(database, a_call_record())
    assert len(await batched(api, *map(a_get, range(20)))) == 20
    message = await refused_batch(api, [a_get(number) for number in range(21)])
    assert "at most 20" in message


async def refused_batch(client, requests, status=400):
    answer = await client.post(BATCH, json={"requests": requests})
    assert answer.status_code == status, answer.text
    return error_of(answer)["message"]


async def test_a_body_that_is_too_large_is_refused_whether_it_says_so_or_not(api):
    async def unannounced():
        for _ in range(largest // 1024 + 1):
            yield b" " * 1024

    largest = request_body.graph_batches().largest
    for content in (b" " * (largest + 1), unannounced()):
        answer = await api.post(BATCH, content=content)
        assert answer.status_code == 413
        assert error_of(answer)["code"] == "RequestEntityTooLarge"


async def test_a_body_that_does_not_arrive_is_a_408(database, metrics):
    async def stalled():
        yield b"{"
        await asyncio.Event().wait()

    graph = GraphContext(batches=RequestBodies("A batch", largest=100, all_bytes=100, seconds=0.01))
    async with opened(database, metrics, graph=graph) as app, calling(app, key=KEY) as api:
        answer = await api.post(BATCH, content=stalled())
    assert (answer.status_code, error_of(answer)["code"]) == (408, "RequestTimeout")


async def test_only_a_post_is_a_batch(api):
    assert await refused(api, BATCH, status=405)


async def test_a_batch_sees_what_its_caller_sees(database, app):
    theirs = await save_elsewhere(database)
    await save(database, a_call_record())
    async with caller(app, database, "reports", "read", TENANT) as client:
        found = await batched(
            client,
            a_get(1),
            a_get(2, f"/communications/callRecords/{theirs}"),
            a_get(3, "/communications/callRecords"),
            a_get(
                4, f"/communications/callRecords/{theirs}", headers={"Authorization": f"Bearer {KEY}", "X-API-Key": KEY}
            ),
        )
    assert statuses(found) == {"1": 200, "2": 404, "3": 200, "4": 404}
    assert [each["id"] for each in found["3"]["body"]["value"]] == [CALL]


async def test_without_a_key_nothing_of_a_batch_runs(database, app):
    inner = a_get(1, headers={"Authorization": f"Bearer {KEY}"})
    async with calling(app) as stranger:
        answer = await stranger.post(BATCH, json={"requests": [inner]})
    assert answer.status_code == 401
    assert error_of(answer)["code"] == "InvalidAuthenticationToken"


async def test_each_request_of_a_batch_is_in_the_audit_beside_the_batch(database, app, api):
    await save(database, a_call_record())
    async with caller(app, database, "reports") as client:
        await batched(client, a_get(1, f"{ONE}?$select=id"), a_get(2, MISSING), a_get(3, MISSING, dependsOn=["2"]))
    entries = (await api.get("/api/audit", params={"who": "reports"})).json()["items"]
    seen = {(each["method"], each["route"], each["call_id"], each["status"], each["answered"]) for each in entries}
    record = f"{RECORDS}/{{call_id}}"
    assert seen == {
        ("GET", record, CALL, 200, 1),
        ("GET", record, guid(404), 404, None),
        ("POST", BATCH, None, 200, 3),
    }
    assert len(entries) == 3
    assert [each["parameters"] for each in entries if each["call_id"] == CALL] == [["$select"]]


async def test_a_mistake_in_one_request_is_its_own_500(database, app, api, monkeypatch):
    await save(database, a_call_record())

    def fails(*_):
        raise ZeroDivisionError

    monkeypatch.setattr("app.web.graph_api.bodies.count", fails)
    found = await batched(api, a_get(1, f"{ONE}/sessions/$count"), a_get(2))
    assert statuses(found) == {"1": 500, "2": 200}
    assert found["1"]["body"]["error"]["code"] == "InternalServerError"
