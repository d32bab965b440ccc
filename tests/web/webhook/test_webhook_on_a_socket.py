"""The door on a real socket: what only a network does to it."""

import asyncio
import socket

import httpx
import orjson
import pytest

from app.web.server import Server
from tests.waiting import PATIENCE, until
from tests.web.application import NOTIFICATIONS, a_change, id_of, notify, waiting
from tests.web.locks import locked

pytestmark = pytest.mark.anyio


@pytest.fixture
async def port(app):
    server = Server(app, "127.0.0.1", 0)
    running = asyncio.create_task(server.run())
    await server.listening.wait()
    yield server.port
    server.stop()
    await running


@pytest.fixture
async def graph(port):
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=PATIENCE) as client:
        yield client


async def test_it_validates_and_takes_notifications(graph, database, client_state):
    answer = await graph.post(f"{NOTIFICATIONS}?validationToken=1%2B1+%3D+2%25")
    assert (answer.status_code, answer.text) == (200, "1+1 = 2%")
    items = [a_change(client_state) for _ in range(20)]
    answers = await asyncio.gather(*(notify(graph, item) for item in items))
    assert {(answer.status_code, answer.content) for answer in answers} == {(202, b"")}
    assert await waiting(database) == sorted(map(id_of, items))


async def test_it_does_not_say_what_it_is_made_of(graph):
    answer = await graph.post(f"{NOTIFICATIONS}?validationToken=1")
    assert "server" not in answer.headers


async def raw(port, *parts):
    """Send some bytes and go away without waiting."""
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    for part in parts:
        writer.write(part)
        await writer.drain()
    writer.transport.abort()


HEAD = b"POST /graph/notifications HTTP/1.1\r\nHost: we\r\nContent-Length: "


async def test_a_client_that_goes_away_in_the_middle_leaves_nothing(port, graph, database, client_state):
    body = orjson.dumps({"value": [a_change(client_state)]})
    head = HEAD + b"%d\r\n\r\n" % len(body)
    for parts in ([HEAD], [head], [head, body[:100]]):
        await raw(port, *parts)
    kept = a_change(client_state)
    assert (await notify(graph, kept)).status_code == 202
    assert await waiting(database) == [id_of(kept)]


async def test_a_client_that_goes_away_after_its_post_is_stored_all_the_same(
    port, database, database_url, client_state
):
    item = a_change(client_state)
    body = orjson.dumps({"value": [item]})
    async with locked(database_url):
        await raw(port, HEAD + b"%d\r\n\r\n" % len(body) + body)
    await until(lambda: waiting(database))
    assert await waiting(database) == [id_of(item)]


async def test_too_large_is_said_before_it_is_sent(port):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(HEAD + b"99999999\r\n\r\n")
    assert b" 413 " in await asyncio.wait_for(reader.readline(), PATIENCE)
    writer.close()
    await writer.wait_closed()


async def test_a_taken_port_is_one_clear_line(port, app):
    with pytest.raises(OSError, match=f"cannot listen on 127.0.0.1 port {port}: .*choose others with --host, --port"):
        Server(app, "127.0.0.1", port)


async def test_it_listens_where_it_says(port):
    with socket.create_connection(("127.0.0.1", port), timeout=5):
        pass
