from datetime import UTC, datetime

import orjson
import pytest

from app.graph.errors import Conflict
from app.graph.transport import answers
from app.graph.transport.answers import Answer

NOW = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)
ID = "86be6cf8-1f0f-4b3b-8b7c-0f9f9e1a4e0a"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "12"}, 12),
        ({"retry-after": " 1.5 "}, 1.5),
        ({"retry-after": "-3"}, 0),
        ({"retry-after": "1e300"}, 86_400),
        ({"retry-after": "Thu, 01 Jan 2026 12:00:30 GMT"}, 30),
        ({"retry-after": "Thu, 01 Jan 2026 11:00:00 GMT"}, 0),
        ({"retry-after": "Thu, 01 Jan 2026 15:00:30 GMT", "date": "Thu, 01 Jan 2026 15:00:00 GMT"}, 30),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": ""}, None),
        ({}, None),
    ],
)
def test_the_wait_graph_asks_for_is_read_in_every_form(headers, seconds):
    assert answers.retry_after(headers, NOW) == seconds


def an_error(status, message, code="Code"):
    body = orjson.dumps({"error": {"code": code, "message": message}})
    return answers.error(Answer(status, {"content-type": "application/json"}, body))


@pytest.mark.parametrize("message", [f"Subscription Id {ID} already exists for the requested combination", "In use"])
def test_a_conflict_names_the_subscription_in_the_way(message):
    error = an_error(409, message)
    assert isinstance(error, Conflict)
    assert error.subscription_id == (ID if ID in message else None)


def test_a_reason_is_one_short_line_without_tokens_and_addresses():
    error = an_error(400, "bad\r\ntoken eyJ0eXAiOi.eyJhdWQ.sig_1 of ann@example.org " + "x" * 400)
    assert error.reason.startswith("Code: bad token … of … xxx")
    assert len(error.reason) == 300
    assert "ann" not in str(error)


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", b'{"error":"x"}', b'{"error":{"code":1,"message":[]}}', b"[" * 9999]
)
@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 429, 500, 302])
def test_a_strange_error_body_is_still_an_error(status, body):
    error = answers.error(Answer(status, {}, body))
    assert (error.status, error.code, error.reason) == (status, None, "")


@pytest.mark.parametrize(
    "kind", ["application/json", "application/json;odata.metadata=minimal", "Application/Vnd.x+JSON; charset=utf-8"]
)
def test_json_has_several_names(kind):
    assert answers.document(Answer(200, {"content-type": kind}, b"{}")) == {}
