"""A way to PostgreSQL that goes silent: bytes are taken and led nowhere, as with a host that vanished."""

import asyncio
from contextlib import suppress

from sqlalchemy import make_url


class Way:
    """``async with Way(url) as way``: ``way.url`` leads there until ``way.silent``, which is not told to anybody."""

    def __init__(self, url):
        self._there = make_url(url)
        self.silent = False
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
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _lead(self, reader, writer):
        there, back = await self._connect()
        both = [asyncio.create_task(self._pass(reader, back)), asyncio.create_task(self._pass(there, writer))]
        self._tasks.update(both)
        for task in both:
            task.add_done_callback(self._tasks.discard)

    async def _connect(self):
        if folder := self._there.query.get("host"):
            return await asyncio.open_unix_connection(f"{folder}/.s.PGSQL.{self._there.port or 5432}")
        return await asyncio.open_connection(self._there.host, self._there.port or 5432)

    async def _pass(self, reader, writer):
        with suppress(OSError):
            try:
                while some := await reader.read(65536):
                    if not self.silent:
                        writer.write(some)
                        await writer.drain()
            finally:
                writer.close()
