"""What anybody on the internet can send to the webhook without a secret, from a process of its own.

    python -m bench.attacks NAME PORT TENANT COUNT AWAITED

Opens COUNT connections to 127.0.0.1, sends one payload over each, and reads until AWAITED of them were answered or
closed. Prints one line of JSON: status -> connections, with "closed" and "reset" for those closed without an answer
and "open" for the others.
"""

import asyncio
import json
import socket
import sys
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

from bench.load import request

PATH = "/graph/notifications"
LARGEST = 4 * 1024 * 1024  # bytes of a body that the webhook still reads
STOPPED = 3_900_000  # bytes of a body that stops before its end
PATIENCE = 60  # seconds
_HEAD = f"POST {PATH} HTTP/1.1\r\nHost: localhost\r\n".encode()
_UPGRADE = f"POST {PATH}?validationToken=x HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: foo\r\n"


@dataclass(frozen=True, slots=True)
class Attack:
    """``payloads`` are sent in turn; ``count`` connections and ``awaited`` answers are the full form."""

    what: str
    count: int
    payloads: Callable[[str], list[bytes]]  # by tenant id


def _empty_objects(_tenant: str) -> list[bytes]:
    return [request(PATH, _collection("{}", LARGEST // 3))]


def _smallest_forged(tenant: str) -> list[bytes]:
    entry = json.dumps(_forged(tenant, 0), separators=(",", ":"))
    return [request(PATH, _collection(entry, LARGEST // (len(entry) + 1)))]


def _most_forged(tenant: str) -> list[bytes]:
    """The largest batch that is parsed and authenticated item by item."""
    entries = [_forged(tenant, number) | {"subscriptionId": "x" * 150} for number in range(9_900)]
    return [request(PATH, json.dumps({"value": entries}, separators=(",", ":")).encode())]


def _forged(tenant: str, number: int) -> dict[str, str]:
    resource = f"communications/callRecords/{UUID(int=number)}"
    return {"changeType": "updated", "resource": resource, "tenantId": tenant, "clientState": f"forged {number}"}


def _collection(entry: str, most: int) -> bytes:
    return b'{"value":[' + ",".join([entry] * (most - 5)).encode() + b"]}"


ATTACKS = {
    "empty": Attack("4 MB of {}", 3, _empty_objects),
    "forged": Attack("4 MB of small entries with a wrong client state", 4, _smallest_forged),
    "batches": Attack("9,900 entries with a wrong client state", 4, _most_forged),
    "stopped": Attack(
        "bodies of 3.9 MB that stop before their end",
        40,
        lambda _: [_HEAD + b"Content-Length: %d\r\n\r\n" % (STOPPED + 1) + b"x" * STOPPED],
    ),
    "silent": Attack("connections that send nothing, half a head or a byte", 200, lambda _: [b"", _HEAD, b"P"]),
    "malformed": Attack("malformed requests", 500, lambda _: [b"this is not HTTP\r\n\r\n"]),
    "upgrade": Attack("requests with Upgrade: foo", 500, lambda _: [(_UPGRADE + "Content-Length: 0\r\n\r\n").encode()]),
}


async def run(attack: Attack, port: int, tenant: str, count: int, awaited: int) -> Counter[str]:
    payloads = attack.payloads(tenant)
    connections = [socket.create_connection(("127.0.0.1", port), PATIENCE) for _ in range(count)]
    for connection in connections:
        connection.settimeout(0)
    sending = [
        asyncio.create_task(_send(connection, payloads[number % len(payloads)]))
        for number, connection in enumerate(connections)
    ]
    reading = {asyncio.create_task(_status(connection)) for connection in connections}
    answered = await _wait_for(awaited, reading)
    for task in (*sending, *reading):
        task.cancel()
    await asyncio.wait([*sending, *reading])
    for connection in connections:
        connection.close()
    return answered


async def _wait_for(awaited: int, reading: set[asyncio.Task[str]]) -> Counter[str]:
    open_ones = reading
    with suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE):
            while len(reading) - len(open_ones) < awaited:
                _, open_ones = await asyncio.wait(open_ones, return_when=asyncio.FIRST_COMPLETED)
    return Counter("open" if task in open_ones else task.result() for task in reading)


async def _send(connection: socket.socket, payload: bytes) -> None:
    with suppress(OSError):  # refused before its end: the status says so
        await asyncio.get_running_loop().sock_sendall(connection, payload)


async def _status(connection: socket.socket) -> str:
    try:
        answer = await asyncio.get_running_loop().sock_recv(connection, 64)
    except ConnectionResetError:
        return "reset"
    return answer[9:12].decode() if answer else "closed"


if __name__ == "__main__":
    name, *rest = sys.argv[1:]
    port, tenant, count, awaited = int(rest[0]), rest[1], int(rest[2]), int(rest[3])
    print(json.dumps(asyncio.run(run(ATTACKS[name], port, tenant, count, awaited))))
