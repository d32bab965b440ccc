"""The network between a program and PostgreSQL: it can be cut, go silent, and count round trips."""

import asyncio
from contextlib import suppress

from sqlalchemy import make_url


class Link:
    """``async with Link(url) as link``: a program that connects to ``link.url`` reaches the server of ``url``.

    ``silent``: bytes are accepted and go nowhere, in all connections, as with a host that vanished; no side notices.
    ``refusing``: new connections are closed at once, as while a server restarts; ``refused`` counts them.
    ``flights``: how often a client sent something and then waited for an answer, that is, its round trips.
    """

    def __init__(self, url):
        self._there = make_url(url)
        self.silent = self.refusing = False
        self.flights = self.refused = 0
        self._connections = set()
        self._tasks = set()

    @property
    def url(self):
        port = self._server.sockets[0].getsockname()[1]
        here = self._there.set(host="127.0.0.1", port=port, query={"sslmode": "disable"})
        return here.render_as_string(hide_password=False)

    async def __aenter__(self):
        self._server = await asyncio.start_server(self._lead, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_):
        self._server.close()
        self.cut()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def cut(self):
        """Close every connection at both ends."""
        for connection in self._connections:
            connection.close()

    def forget(self):
        """Every connection goes silent for ever, and new ones work: a cut that no side noticed."""
        for connection in self._connections:
            connection.silent = True

    async def _lead(self, reader, writer):
        if self.refusing:
            self.refused += 1
            writer.transport.abort()
            return
        try:
            server = await self._connect()
        except OSError:  # no server listens: nor does this one
            writer.transport.abort()
            return
        connection = _Connection(self, reader, writer, *server)
        self._connections.add(connection)
        for pump in (connection.ask(), connection.answer()):
            task = asyncio.create_task(pump)
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _connect(self):
        if folder := self._there.query.get("host"):
            return await asyncio.open_unix_connection(f"{folder}/.s.PGSQL.{self._there.port or 5432}")
        return await asyncio.open_connection(self._there.host, self._there.port or 5432)


class _Connection:
    def __init__(self, link, client_reader, client_writer, server_reader, server_writer):
        self._link = link
        self._client_reader, self._client_writer = client_reader, client_writer
        self._server_reader, self._server_writer = server_reader, server_writer
        self.silent = False
        self._waits = False

    def close(self):
        for writer in (self._client_writer, self._server_writer):
            writer.transport.abort()

    async def ask(self):
        def count():
            self._link.flights += not self._waits
            self._waits = True

        await self._pump(self._client_reader, self._server_writer, count)

    async def answer(self):
        def count():
            self._waits = False

        await self._pump(self._server_reader, self._client_writer, count)

    async def _pump(self, reader, writer, count):
        with suppress(OSError):
            while some := await reader.read(65536):
                count()
                if not self._is_silent:
                    writer.write(some)
                    await writer.drain()
        if not self._is_silent:  # the other end does not notice the end either
            writer.close()

    @property
    def _is_silent(self):
        return self.silent or self._link.silent
