"""A receiver of webhooks that only counts and answers 204, in a process of its own.

    python -m bench.fast_receiver PORT

A GET answers with the number of requests received.
"""

import asyncio
import sys

import uvloop

NO_CONTENT = b"HTTP/1.1 204 No Content\r\n\r\n"
received = [0]


class Receiver(asyncio.Protocol):
    """As much of HTTP/1.1 as one client with small bodies needs."""

    def connection_made(self, transport):
        self._transport, self._buffer = transport, bytearray()

    def data_received(self, data):
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            head = bytes(self._buffer[:end]).lower()
            if head.startswith(b"get "):
                text = str(received[0]).encode()
                self._transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(text), text))
                del self._buffer[: end + 4]
                continue
            length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0])
            if len(self._buffer) < end + 4 + length:
                return
            del self._buffer[: end + 4 + length]
            received[0] += 1
            self._transport.write(NO_CONTENT)


async def main(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(Receiver, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1])))
