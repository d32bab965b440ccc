"""How much one batch may hold, and what a batch of strangers' entries is counted as."""

import orjson
import pytest

from app.graph.notifications import reader
from app.graph.notifications.reader import MOST_ENTRIES, TooManyEntries, entries
from app.web.webhook.receiver import Receiver
from tests.web.application import NOTIFICATIONS, TENANT, a_change, an_event, id_of, notify, outcomes, waiting

pytestmark = pytest.mark.anyio

MANY = {
    "empty objects": b'{"value":[' + b"{}," * 1_300_000 + b"{}]}",
    "numbers": b'{"value":[' + b"1," * 1_900_000 + b"1]}",
    "lists": b'{"value":[' + b"[]," * 1_300_000 + b"[]]}",
    "one object of many properties": b'{"value":[{' + b'"a":1,' * 600_000 + b'"a":1}]}',
    "one entry too many": orjson.dumps({"value": [{}] * (MOST_ENTRIES + 1)}),
}


@pytest.mark.parametrize("body", MANY.values(), ids=MANY)
async def test_more_entries_than_a_genuine_batch_can_have_are_a_413(nowhere, body):
    assert (await nowhere.post(NOTIFICATIONS, content=body)).status_code == 413


@pytest.mark.parametrize("name", [name for name in MANY if name != "one entry too many"])
def test_a_body_of_too_many_values_is_refused_before_it_is_parsed(monkeypatch, name):
    monkeypatch.setattr(reader.wire, "parsed", lambda _: pytest.fail("it was parsed"))
    with pytest.raises(TooManyEntries):
        entries(MANY[name])


async def test_the_largest_genuine_batch_is_stored(graph, database, client_state):
    item = a_change(client_state)
    items = [
        item | {"resourceData": item["resourceData"] | {"id": f"00000000-0000-4000-8000-{n:012x}"}}
        for n in range(6_000)
    ]
    answer = await notify(graph, *items)
    assert answer.status_code == 202
    assert len(await waiting(database)) == 6_000


async def test_entries_that_cannot_be_authenticated_in_time_are_not_counted_as_not_stored(
    database, client_state, metrics
):
    class Unreadable:
        """Client states were read once; then the database answers no reader."""

        def __init__(self):
            self.dialect, self.writing, self.broken = database.dialect, database.begin, False

        def dedicated(self, *_):
            return self

        async def close(self):
            pass

        async def warm(self):
            pass

        def reading(self):
            if self.broken:
                raise ConnectionError("no reader")
            return database.reading()

    where = Unreadable()
    async with Receiver(where, [TENANT], metrics) as receiver:
        item = a_change(client_state)
        await receiver.take([item])
        where.broken = True
        with pytest.raises(ConnectionError):
            await receiver.take([a_change("forged"), an_event("forged")])
        assert outcomes(metrics) == {"stored": 1, "not_authenticated": 2}
        # The client state that is known is believed all the same.
        await receiver.take([a_change(client_state, call_id=id_of(item))])
    assert outcomes(metrics) == {"stored": 2, "not_authenticated": 2}
