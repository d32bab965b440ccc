"""A running simulated Graph, a client that is logged in, and a receiver of its notifications."""

import asyncio
import inspect
import ssl
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import rsa

from app.simulator.server import start
from app.simulator.world import World
from tests.waiting import PATIENCE


@pytest.fixture(scope="session")
def key():
    """Making one takes long; the tests share it."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture
def ca_file(tmp_path):
    return tmp_path / "ca.pem"


@pytest.fixture
async def running(key, ca_file):
    running = await start(ca_file=ca_file, world=World(key=key), identity_port=0)
    running.world.change_settings({"batch_pause_s": 0, "retry_base_s": 0.01})
    yield running
    await running.stop()


@pytest.fixture
def world(running):
    return running.world


@dataclass
class Client:
    session: aiohttp.ClientSession
    url: str
    token: str = ""

    async def ask(self, method, path, *, body=None, headers=None, token=None):
        """(status, body, headers); the path may be an absolute link."""
        url = path if path.startswith("http") else self.url + path
        given = {"Authorization": f"Bearer {token or self.token}", **(headers or {})}
        async with self.session.request(method, url, json=body, headers=given) as answer:
            raw = await answer.read()
            parsed = await answer.json() if answer.content_type == "application/json" else raw
            return answer.status, parsed, answer.headers

    async def get(self, path, **options):
        status, body, _ = await self.ask("GET", path, **options)
        assert status == 200, body
        return body

    async def control(self, method, path, body=None):
        status, answer, _ = await self.ask(method, f"/_control{path}", body=body)
        assert status < 300, answer
        return answer


@pytest.fixture
async def client(running, ca_file):
    context = ssl.create_default_context(cafile=str(ca_file))
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context)) as session:
        world = running.world
        token = world.issue_token(world.tenant_id, world.client_id, running.url, "https://sts.windows.net/")
        yield Client(session, running.url, token)


@dataclass
class Receiver:
    """Echoes validation tokens and stores notifications; `answers` overrides the 202s, one by one."""

    url: str = ""
    runner: web.AppRunner | None = None
    items: list = field(default_factory=list)
    bodies: list = field(default_factory=list)
    handshakes: list = field(default_factory=list)
    answers: list = field(default_factory=list)
    echo: object = staticmethod(lambda token: web.Response(text=token))
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def receive(self, request):
        if "validationToken" in request.query:
            self.handshakes.append((request.path, request.query["validationToken"], await request.read()))
            answer = self.echo(request.query["validationToken"])
            return await answer if inspect.isawaitable(answer) else answer
        async with self.changed:
            status = self.answers.pop(0) if self.answers else 202
            self.bodies.append(await request.read())
            if status < 300:
                self.items += (await request.json())["value"]
            self.changed.notify_all()
        return web.Response(status=status)

    async def listen(self, context=None):
        await web.TCPSite(self.runner, "127.0.0.1", 0, ssl_context=context).start()
        return f"{'https' if context else 'http'}://localhost:{self.runner.addresses[-1][1]}"

    async def holds(self, count):
        async with asyncio.timeout(PATIENCE), self.changed:
            await self.changed.wait_for(lambda: len(self.items) >= count)
        return self.items


@pytest.fixture
async def receiver():
    receiver = Receiver()
    app = web.Application()
    app.router.add_post("/{path:.*}", receiver.receive)
    receiver.runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.01)
    await receiver.runner.setup()
    receiver.url = await receiver.listen()
    yield receiver
    await receiver.runner.cleanup()


def a_subscription(receiver, **changes):
    wanted = {
        "changeType": "updated",
        "resource": "/communications/callRecords",
        "notificationUrl": f"{receiver.url}/notify",
        "lifecycleNotificationUrl": f"{receiver.url}/lifecycle",
        "expirationDateTime": timedelta(days=2),
        "clientState": "between us",
    }
    return from_now({name: value for name, value in {**wanted, **changes}.items() if value is not None})


def from_now(body):
    """A body in which each span has become a moment that lies so far ahead."""
    return {
        name: (datetime.now(UTC) + value).isoformat() if isinstance(value, timedelta) else value
        for name, value in body.items()
    }


@pytest.fixture
def subscribe(client, receiver):
    async def subscribe(**changes):
        status, body, _ = await client.ask("POST", "/v1.0/subscriptions", body=a_subscription(receiver, **changes))
        assert status == 201, body
        return body

    return subscribe
