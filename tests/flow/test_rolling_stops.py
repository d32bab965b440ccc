"""A stop breaks no request, and ends in time whatever hangs."""

import asyncio
import json
import signal
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest
from sqlalchemy import make_url

from app.runtime.stop_limit import STOP_SECONDS
from app.simulator.records import a_call_record
from app.subscriptions import model
from tests.flow.test_a_huge_meeting import a_notification
from tests.link import Link
from tests.waiting import until

pytestmark = pytest.mark.anyio

CLIENTS = 8


@dataclass
class Seen:
    """``broken``: requests that were sent and had no complete answer."""

    answered: int = 0
    closed: int = 0
    broken: int = 0
    refused: int = 0


async def keep_sending(port, body, pause, seen):
    """One connection after another, each used until an answer says that it closes; until no new one is accepted."""
    head = f"POST /graph/notifications HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    while True:
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
        except ConnectionError:
            seen.refused += 1
            return
        while True:
            try:
                writer.write(head + body)
                answer = await reader.readuntil(b"\r\n\r\n")
            except (ConnectionError, asyncio.IncompleteReadError):
                seen.broken += 1
                break
            assert answer.startswith(b"HTTP/1.1 202")
            seen.answered += 1
            if b"connection: close" in answer.lower():
                seen.closed += 1
                break
            await asyncio.sleep(pause)
        writer.close()


async def test_a_stop_under_load_breaks_no_request_of_clients_that_reuse_connections(hands, serve, database_url):
    async with hands.database.begin() as db:
        _, state = await model.insert(db, hands.tenant_id, "https://us/a", "https://us/b", hands.world.now())
    service = await serve("--no-worker", "--no-renewal", database_url=database_url)
    item = a_notification(hands.tenant_id, "cccccccc-0000-4000-8000-000000000001", state)
    body, seen, port = json.dumps({"value": [item]}).encode(), Seen(), urlsplit(service.url).port
    async with asyncio.TaskGroup() as clients:
        for number in range(CLIENTS):  # without a pause, and with pauses in which the connection is idle
            clients.create_task(keep_sending(port, body, 0.02 * number, seen))
        await until(lambda: seen.answered > 20 * CLIENTS, details=service.program.text)
        service.program.send(signal.SIGTERM)
    assert (seen.broken, seen.refused) == (0, CLIENTS)
    assert seen.closed >= CLIENTS
    assert await service.program.ended() == 0


async def test_a_stop_ends_in_time_while_login_and_postgresql_hang(hands, world, start, database_url):
    """The process ends itself: with status 0, or with 1 and a line in the log, and never by SIGKILL."""
    assert STOP_SECONDS < 15
    world.faults.add({"fault": "slow", "seconds": 600, "match": {"path": "token"}})
    await hands.notice(world.put(a_call_record()).id)
    if make_url(database_url).get_backend_name() == "sqlite":
        await stops_while_hanging(start, world, database_url)
        return
    async with Link(database_url) as link:
        await stops_while_hanging(start, world, link.url, link)


async def stops_while_hanging(start, world, database_url, link=None):
    programs = [
        start("serve", "--port", "0", database_url=database_url),
        start("worker", database_url=database_url),
    ]
    asked = world.journal.open
    await until(lambda: world.journal.open >= asked + len(programs), details=programs[0].text)
    if link:
        link.silent = True
    for program in programs:
        program.send(signal.SIGTERM)
    for program in programs:
        status = await program.ended()
        assert status in (0, 1), program.text()
        assert len(program.events("stop_forced")) == status
