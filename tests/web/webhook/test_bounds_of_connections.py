"""What connections and bodies of strangers may cost: seconds, bytes and log lines, on a real socket."""

import asyncio
from contextlib import asynccontextmanager, suppress

import orjson
import pytest
from structlog.testing import capture_logs

from app.web import request_body
from app.web.connections import ConnectionLimits
from app.web.request_body import RequestBodies
from app.web.server import Server
from app.web.webhook import routes
from app.web.webhook.receiver import Receiver
from tests.waiting import PATIENCE
from tests.web.application import NOTIFICATIONS, TENANT, a_change, id_of, waiting

# Before a body is complete, no database is asked.
pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]

POST = f"POST {NOTIFICATIONS} HTTP/1.1\r\nHost: we\r\n".encode()
HANDSHAKE = f"POST {NOTIFICATIONS}?validationToken=hello HTTP/1.1\r\nHost: we\r\nContent-Length: 0\r\n\r\n".encode()


@asynccontextmanager
async def listening(app, metrics, **limits):
    bounds = ConnectionLimits(**limits)
    server = Server(app, "127.0.0.1", 0, limits=bounds, refused=metrics.refuse_connection, drain=0)
    running = asyncio.create_task(server.run())
    await server.listening.wait()
    yield server.port
    server.stop()
    await running


@asynccontextmanager
async def webhook(database, metrics, *, bodies=None, **limits):
    """The port of the two routes alone."""
    async with Receiver(database, [TENANT], metrics) as receiver:
        of_path = routes.routes(receiver, metrics, bodies=bodies or request_body.notifications())

        async def app(scope, receive, send):
            await of_path[scope["path"]](scope, receive, send)

        async with listening(app, metrics, **limits) as port:
            yield port


@pytest.fixture
async def sent():
    """Opens a connection, sends some bytes, and closes it at the end of the test."""
    opened = []

    async def send(port, data):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        opened.append(writer)
        writer.write(data)
        await writer.drain()
        return reader, writer

    yield send
    for writer in opened:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


async def until_closed(reader):
    """Everything that comes before the other side closes."""
    try:
        return await asyncio.wait_for(reader.read(), PATIENCE)
    except ConnectionResetError:
        return b""


def refused(metrics):
    (family,) = metrics.refused_connections.collect()
    return {s.labels["reason"]: s.value for s in family.samples if s.name.endswith("_total") and s.value}


def with_length(length, body=b""):
    return POST + b"Content-Length: %d\r\n\r\n" % length + body


@pytest.mark.parametrize("head", [b"", b"P", POST, POST + b"Content-Le"], ids=["nothing", "a byte", "half", "more"])
async def test_a_connection_without_a_complete_head_is_closed(database, metrics, sent, head):
    async with webhook(database, metrics, head_seconds=0.2) as port:
        reader, _ = await sent(port, head)
        assert (await until_closed(reader)).startswith(b"HTTP/1.1 408")
    assert refused(metrics) == {"head_slow": 1}


async def test_a_second_request_may_not_stop_in_its_head_either(database, metrics, sent):
    async with webhook(database, metrics, head_seconds=0.2) as port:
        reader, writer = await sent(port, HANDSHAKE)
        assert b"200" in await reader.readline()
        writer.write(POST)
        assert b"408" in await until_closed(reader)


async def test_an_idle_connection_stays_open_between_requests(database, metrics, sent):
    async with webhook(database, metrics, head_seconds=0.1) as port:
        reader, writer = await sent(port, HANDSHAKE)
        assert (await reader.readuntil(b"hello")).startswith(b"HTTP/1.1 200")
        await asyncio.sleep(0.3)
        writer.write(HANDSHAKE)
        assert (await asyncio.wait_for(reader.readuntil(b"hello"), PATIENCE)).startswith(b"HTTP/1.1 200")


async def test_a_head_without_end_is_cut_off(database, metrics, sent):
    async with webhook(database, metrics, head_bytes=5_000) as port:
        reader, _ = await sent(port, POST + b"X-More: " + b"x" * 20_000)
        assert b"431" in await until_closed(reader)
    assert refused(metrics) == {"head_large": 1}


async def test_more_connections_than_allowed_close_the_longest_idle_one(database, metrics, sent):
    async with webhook(database, metrics, connections=3) as port:
        idle = [await sent(port, b"") for _ in range(3)]
        reader, _ = await sent(port, HANDSHAKE)
        assert b"200" in await asyncio.wait_for(reader.readline(), PATIENCE)
        assert b"503" in await until_closed(idle[0][0])
    assert refused(metrics) == {"too_many": 1}


async def test_a_body_that_stops_is_a_408_and_the_connection_is_closed(database, metrics, sent):
    async with webhook(
        database, metrics, bodies=RequestBodies("A batch", largest=1_000, all_bytes=1_000, seconds=0.2)
    ) as port:
        reader, _ = await sent(port, with_length(1_000, b"{"))
        answer = await until_closed(reader)
    assert answer.startswith(b"HTTP/1.1 408")
    assert b"connection: close" in answer.lower()


async def test_bodies_take_only_so_much_memory_together_and_give_it_back(database, metrics, sent, client_state):
    item = a_change(client_state)
    body = orjson.dumps({"value": [item]})
    async with webhook(database, metrics, bodies=RequestBodies("A batch", largest=20_000, all_bytes=30_000)) as port:
        half = [await sent(port, with_length(20_000, b"x" * 10_000)) for _ in range(4)]
        ended = [asyncio.create_task(until_closed(reader)) for reader, _ in half]
        (first, *_), _ = await asyncio.wait(ended, return_when=asyncio.FIRST_COMPLETED)
        assert first.result().startswith(b"HTTP/1.1 503")
        assert b"retry-after: 5" in first.result().lower()
        for _, writer in half:
            writer.close()
        await asyncio.gather(*ended)
        reader, _ = await sent(port, with_length(len(body), body))
        assert b"202" in await asyncio.wait_for(reader.readline(), PATIENCE)
    assert await waiting(database) == [id_of(item)]


async def test_malformed_requests_are_counted_and_logged_once_a_minute(database, metrics, sent):
    with capture_logs() as logged:
        async with webhook(database, metrics) as port:
            for _ in range(20):
                reader, _ = await sent(port, b"this is no HTTP\r\n\r\n")
                assert b"400" in await until_closed(reader)
    assert refused(metrics) == {"malformed": 20}
    assert [line["reason"] for line in logged if line["event"] == "connections_refused"] == ["malformed"]


async def test_a_request_for_another_protocol_is_answered_as_a_plain_one(database, metrics, sent):
    with capture_logs() as logged:
        async with webhook(database, metrics) as port:
            for _ in range(5):
                upgrade = b"\r\nConnection: Upgrade\r\nUpgrade: foo\r\n\r\n"
                reader, _ = await sent(port, HANDSHAKE.replace(b"\r\n\r\n", upgrade))
                assert b"200" in await asyncio.wait_for(reader.readline(), PATIENCE)
    assert refused(metrics) == {"upgrade": 5}
    assert len([line for line in logged if line["event"] == "connections_refused"]) == 1
