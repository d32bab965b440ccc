"""A public address: terminates TLS and forwards the bytes to a service that listens without TLS."""

import asyncio
import ssl
from asyncio import StreamReader, StreamWriter
from contextlib import suppress

CHUNK = 64 * 1024


class Edge:
    """``await edge.listen()``, then ``await edge.stop()``; if the service does not answer, the connection is closed."""

    def __init__(self, host: str, port: int, target: tuple[str, int], tls: ssl.SSLContext) -> None:
        self.host, self.port, self.target, self.tls = host, port, target, tls
        self.server: asyncio.Server | None = None
        self.open: set[asyncio.Task[None]] = set()

    async def listen(self) -> None:
        """Port 0 chooses a free port; OSError if the port is taken."""
        self.server = await asyncio.start_server(self.accept, self.host, self.port, ssl=self.tls)
        self.port = self.server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        if self.server:
            self.server.close()
        for task in self.open:
            task.cancel()
        await asyncio.gather(*self.open, return_exceptions=True)

    def accept(self, reader: StreamReader, writer: StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(self.forward(reader, writer))
        self.open.add(task)
        task.add_done_callback(self.open.discard)

    async def forward(self, reader: StreamReader, writer: StreamWriter) -> None:
        try:
            there, back = await asyncio.open_connection(*self.target)
            try:
                both = [asyncio.ensure_future(pump(reader, back)), asyncio.ensure_future(pump(there, writer))]
                # When one side has closed its connection, the other connection is closed too.
                await asyncio.wait(both, return_when="FIRST_COMPLETED")
                for each in both:
                    each.cancel()
                await asyncio.gather(*both, return_exceptions=True)
            finally:
                back.close()
        except OSError:
            pass
        finally:
            writer.close()


async def pump(reader: StreamReader, writer: StreamWriter) -> None:
    with suppress(OSError):
        while chunk := await reader.read(CHUNK):
            writer.write(chunk)
            await writer.drain()
