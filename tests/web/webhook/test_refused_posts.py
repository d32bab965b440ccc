"""What is no collection of notifications is refused with a problem document, and nothing of it is read further."""

import orjson
import pytest

from app.web import request_body
from tests.web.application import LIFECYCLE, NOTIFICATIONS, a_change, waiting

LARGEST = request_body.notifications().largest

pytestmark = pytest.mark.anyio

NO_COLLECTION = {
    "nothing": b"",
    "text": b"hello",
    "cut off": b'{"value": [',
    "a list": b"[]",
    "a number": b"1",
    "no value": b"{}",
    "value is no list": b'{"value": {"id": 1}}',
    "value is null": b'{"value": null}',
    "no text": b'{"value": ["\xff"]}',
    "deep": b"[" * 200_000,
    "xml": b"<value/>",
}


def is_a_problem(answer, status):
    document = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.status_code == document["status"] == status and document["detail"] and document["title"]


@pytest.mark.parametrize("url", [NOTIFICATIONS, LIFECYCLE])
@pytest.mark.parametrize("body", NO_COLLECTION.values(), ids=NO_COLLECTION)
async def test_what_is_no_collection_is_a_400(nowhere, url, body):
    assert is_a_problem(await nowhere.post(url, content=body), 400)


def padded(client_state, size):
    """A good collection of exactly this many bytes."""
    item = a_change(client_state)
    bare = len(orjson.dumps({"value": [item], "more": ""}))
    return orjson.dumps({"value": [item], "more": "x" * (size - bare)})


async def test_four_mebibytes_are_taken_and_one_byte_more_is_a_413(graph, database, client_state):
    assert (await graph.post(NOTIFICATIONS, content=padded(client_state, LARGEST))).status_code == 202
    assert is_a_problem(await graph.post(NOTIFICATIONS, content=padded(client_state, LARGEST + 1)), 413)
    assert len(await waiting(database)) == 1


async def test_what_comes_in_chunks_is_measured_as_it_comes(graph, database, client_state):
    sent = 0

    async def chunks():
        nonlocal sent
        for _ in range(1_000):
            sent += 65_536
            yield b"x" * 65_536

    assert is_a_problem(await graph.post(NOTIFICATIONS, content=chunks()), 413)
    whole = padded(client_state, 100_000)

    async def fine():
        for start in range(0, len(whole), 7_000):
            yield whole[start : start + 7_000]

    assert (await graph.post(NOTIFICATIONS, content=fine())).status_code == 202
    assert len(await waiting(database)) == 1


@pytest.mark.parametrize("url", [NOTIFICATIONS, LIFECYCLE, f"{NOTIFICATIONS}?validationToken=1"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"])
async def test_another_method_is_a_405_that_names_post(nowhere, url, method):
    answer = await nowhere.request(method, url)
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
    assert answer.headers["content-type"] == "application/problem+json"


async def test_the_content_type_does_not_matter(graph, database, client_state):
    body = orjson.dumps({"value": [a_change(client_state)], "validationTokens": None, "@odata.new": {"a": []}})
    answer = await graph.post(NOTIFICATIONS, content=body, headers={"Content-Type": "text/plain"})
    assert answer.status_code == 202
    assert len(await waiting(database)) == 1
