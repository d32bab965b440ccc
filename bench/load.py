"""A bounded load of ready HTTP requests over a few kept-alive connections, from a process of its own.

    python -m bench.load PORT PATH CONNECTIONS REQUESTS ITEMS CLIENT_STATE TENANT

Prints one line of JSON: requests per second and latencies in milliseconds.
"""

import asyncio
import json
import random
import sys
import time
from uuid import UUID

import uvloop


def batch(chance: random.Random, items: int, client_state: str, tenant_id: str) -> bytes:
    """A collection of ``items`` notifications, each of another call."""
    return json.dumps(
        {
            "value": [
                {
                    "subscriptionId": "00000000-0000-0000-0000-000000000001",
                    "subscriptionExpirationDateTime": "2030-01-01T00:00:00.000+00:00",
                    "clientState": client_state,
                    "changeType": "updated",
                    "resource": f"communications/callRecords/{call_id}",
                    "tenantId": tenant_id,
                    "resourceData": {
                        "@odata.type": "#Microsoft.Graph.callRecord",
                        "@odata.id": f"communications/callRecords/{call_id}",
                        "id": call_id,
                    },
                }
                for call_id in (str(UUID(int=chance.getrandbits(128), version=4)) for _ in range(items))
            ]
        }
    ).encode()


def request(path: str, body: bytes) -> bytes:
    lines = [
        f"POST {path} HTTP/1.1",
        "Host: localhost",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
    ]
    return "\r\n".join([*lines, "", ""]).encode() + body


async def connection(port: int, requests: list[bytes], latencies: list[float]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for ready in requests:
        begun = time.perf_counter()
        writer.write(ready)
        head = await reader.readuntil(b"\r\n\r\n")
        latencies.append(time.perf_counter() - begun)
        if not head.startswith(b"HTTP/1.1 202"):
            sys.exit(f"expected 202, got {head[:60]!r}")
    writer.close()


async def run(port: int, path: str, connections: int, count: int, items: int, client_state: str, tenant: str) -> dict:
    chance = random.Random(time.time_ns())
    ready = [request(path, batch(chance, items, client_state, tenant)) for _ in range(count)]
    latencies: list[float] = []
    shares = [ready[start::connections] for start in range(connections)]
    begun = time.perf_counter()
    await asyncio.gather(*(connection(port, share, latencies) for share in shares))
    seconds = time.perf_counter() - begun
    latencies.sort()
    return {
        "per_second": len(latencies) / seconds,
        "p50_ms": 1000 * latencies[len(latencies) // 2],
        "p99_ms": 1000 * latencies[int(len(latencies) * 0.99)],
    }


if __name__ == "__main__":
    port, path, connections, count, items, client_state, tenant = sys.argv[1:]
    loaded = run(int(port), path, int(connections), int(count), int(items), client_state, tenant)
    print(json.dumps(uvloop.run(loaded)))
