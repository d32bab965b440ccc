"""`callkeeper pstn sync` and `pstn status`: what they print and how they end. The reading itself is tested elsewhere."""

from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import orjson
import pytest

from app.runtime import wiring
from tests.sample_settings import TENANT
from tests.telephony.log_server import LogServer, refused


def yesterday():
    return datetime.now(UTC) - timedelta(days=1)


@pytest.fixture
def graph(monkeypatch, callkeeper):
    callkeeper("migrate")
    server = LogServer()

    @asynccontextmanager
    async def open_graph(*_):
        yield SimpleNamespace(clients={TENANT: server})

    monkeypatch.setattr(wiring, "open_graph", open_graph)
    return server


def test_sync_reads_the_days_that_are_asked_for_and_status_counts_them(callkeeper, graph):
    graph.add("pstn", yesterday())
    graph.add("direct_routing", yesterday())
    done = callkeeper("pstn", "sync", "--since", "2d", "--json")
    assert done.status == 0
    assert [(row["log"], row["days"], row["new"], row["error"]) for row in orjson.loads(done.out)] == [
        ("pstn", 3, 1, None),
        ("direct-routing", 3, 1, None),
    ]
    again = callkeeper("pstn", "sync", "--since", "3d", "--kind", "pstn", "--json")
    assert [(row["days"], row["new"]) for row in orjson.loads(again.out)] == [(1, 0)]  # an interrupted run continues
    status = callkeeper("pstn", "status", "--json")
    assert status.status == 0
    first, second = orjson.loads(status.out)
    assert (first["log"], first["state"], first["days_read"], first["rows"]) == ("pstn", "read", 4, 1)
    assert (second["log"], second["days_read"], second["days_missing"]) == ("direct-routing", 3, 147)


def test_a_refused_log_ends_with_an_error_and_status_says_so(callkeeper, graph):
    graph.fail = lambda *_: refused(403)
    done = callkeeper("pstn", "sync", "--kind", "pstn")
    assert (done.status, "403" in done.out) == (1, True)
    status = callkeeper("pstn", "status", "--json")
    assert (status.status, orjson.loads(status.out)[0]["state"]) == (1, "not_permitted")


def test_a_wish_for_more_than_microsoft_has_is_cut_and_said(callkeeper, graph):
    done = callkeeper("pstn", "sync", "--since", "200d", "--kind", "direct-routing", "--json")
    assert "Microsoft has the last 150 days" in done.err
    assert orjson.loads(done.out)[0]["days"] == 150
