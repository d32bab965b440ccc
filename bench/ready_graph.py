"""A server of ready bytes: any call record is the same one under the asked id, as fast as Python can write it.

python -m bench.ready_graph PORT FILE   (FILE: one record as JSON, with the id 00000000-0000-0000-0000-000000000000)
"""

import asyncio
import re
import sys
from pathlib import Path

import uvloop

PLACEHOLDER = b"00000000-0000-0000-0000-000000000000"
_PATH = re.compile(rb"GET \S*?/callRecords/([0-9a-f-]{36})[? ]")
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"


class Ready(asyncio.Protocol):
    def __init__(self, body: bytes) -> None:
        self._head = _HEAD % len(body)
        self._pieces = body.split(PLACEHOLDER)
        self._received = b""

    def connection_made(self, transport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        while (end := self._received.find(b"\r\n\r\n")) >= 0:
            request, self._received = self._received[:end], self._received[end + 4 :]
            call_id = _PATH.match(request)[1]
            self._transport.write(self._head + call_id.join(self._pieces))


async def main(port: int, file: Path) -> None:
    body = file.read_bytes()
    server = await asyncio.get_running_loop().create_server(lambda: Ready(body), "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1]), Path(sys.argv[2])))
