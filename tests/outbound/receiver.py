"""A program that receives webhooks, and verifies them with the package of Standard Webhooks."""

from dataclasses import dataclass, field

import orjson
from aiohttp import web
from standardwebhooks.webhooks import Webhook


@dataclass
class Received:
    headers: dict
    body: bytes

    @property
    def content(self):
        return orjson.loads(self.body)

    @property
    def kind(self):
        return self.content["type"]

    @property
    def subject(self):
        return self.content["data"].get("call_id")


@dataclass
class Receiver:
    """``async with Receiver() as receiver``: listens at ``receiver.url``.

    ``answer`` decides on each request: a status, or a response.
    """

    answer: object = lambda _: 204
    received: list = field(default_factory=list)

    async def __aenter__(self):
        app = web.Application(client_max_size=1 << 20)
        app.router.add_post("/{tail:.*}", self._take)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        await self._listen(0)
        return self

    async def __aexit__(self, *_):
        await self._runner.cleanup()

    async def _listen(self, port):
        self._site = web.TCPSite(self._runner, "127.0.0.1", port)
        await self._site.start()
        self.port = self._runner.addresses[0][1]
        self.url = f"http://127.0.0.1:{self.port}/calls"

    async def down(self):
        await self._site.stop()

    async def up(self):
        await self._listen(self.port)

    def verified(self, secret):
        """What arrived, each with a valid signature; the package raises for any other."""
        for one in self.received:
            Webhook(secret).verify(one.body, one.headers)
        return self.received

    @property
    def kinds(self):
        return [one.kind for one in self.received]

    async def _take(self, request):
        one = Received({name.lower(): value for name, value in request.headers.items()}, await request.read())
        answer = self.answer(one)
        if (answer if isinstance(answer, int) else answer.status) < 300:
            self.received.append(one)
        return web.Response(status=answer) if isinstance(answer, int) else answer
