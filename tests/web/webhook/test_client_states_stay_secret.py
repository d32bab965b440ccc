"""The client state proves that Graph speaks: it is nowhere but in Graph's hands, not even for a moment."""

import logging
from pathlib import Path

import pytest

from app.observability import log
from app.subscriptions import model
from tests.web.application import KEY, LIFECYCLE, a_change, an_event, calling, notify

pytestmark = pytest.mark.anyio


@pytest.fixture
def logged(capfd):
    """What the process writes while it tells everything."""
    before, level = logging.getLogger().handlers[:], logging.getLogger().level
    log.configure("debug", "json")
    yield lambda: "".join(capfd.readouterr())
    logging.getLogger().handlers[:] = before
    logging.getLogger().setLevel(level)


async def test_the_database_has_only_its_hash(database, database_url, client_state, graph):
    await notify(graph, a_change(client_state), an_event(client_state), a_change("x" + client_state))
    async with database.reading() as db:
        rows = [dict(row) for row in (await db.execute(model.subscriptions.select())).mappings()]
    assert rows[0]["client_state_sha256"] == model.hashed(client_state)
    assert client_state not in str(rows)
    if database_url.startswith("sqlite"):
        folder = Path(database_url.removeprefix("sqlite:///")).parent
        written = b"".join(file.read_bytes() for file in folder.iterdir())
        assert model.hashed(client_state).encode() in written
        assert client_state.encode() not in written


async def test_it_is_random_and_short_enough_for_graph(database, client_state):
    assert len(client_state) <= 128
    assert len(set(client_state)) > 20


async def test_neither_logs_nor_metrics_nor_answers_hold_it(app, client_state, logged):
    secrets = (client_state, "forged-secret", "token-of-graph", KEY)
    async with calling(app, key=KEY) as client:
        answers = [
            await notify(client, a_change(client_state), an_event(client_state), a_change("forged-secret")),
            await notify(client, an_event("forged-secret"), to=LIFECYCLE),
            await client.post("/graph/notifications", content=b'{"clientState": "%s"' % client_state.encode()),
            *[await client.get(path) for path in ("/metrics", "/api/status", "/api/inbox", "/openapi.json", "/readyz")],
        ]
        await client.post("/graph/notifications?validationToken=token-of-graph")
    seen = logged() + "".join(answer.text for answer in answers)
    assert "callkeeper_notifications_total" in seen
    assert not [secret for secret in secrets if secret in seen]
