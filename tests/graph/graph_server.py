"""A real server on loopback that answers as a test tells it to, and remembers what it was asked."""

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote

from aiohttp import web

ID = "e523d2ed-2966-4b6b-925b-754a88034cc5"
RECORD = f"/v1.0/communications/callRecords/{ID}"
WHOLE = f"{RECORD}?$expand=sessions($expand=segments),participants_v2"
APART = f"{RECORD}?$expand=sessions($expand=segments)"
PEOPLE = f"{RECORD}?$expand=participants_v2"
VERSION = f"{RECORD}?$select=id,version,lastModifiedDateTime"
SESSIONS = f"{RECORD}/sessions?$expand=segments"
PARTICIPANTS = f"{RECORD}/participants_v2"


def a_call_record(**changes):
    return {"id": ID, "version": 1, "type": "groupCall", "sessions": [], "participants_v2": []} | changes


def named(*ids):
    return [{"id": name} for name in ids]


@dataclass
class Reply:
    body: object = None
    status: int = 200
    headers: dict = field(default_factory=dict)

    def response(self):
        given = self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()
        return web.Response(status=self.status, body=given, headers={"Content-Type": "application/json"} | self.headers)


@dataclass
class Raw:
    """These bytes on the wire, then the connection is closed."""

    sent: bytes


def refusal(status, code="BadRequest", message="no", **headers):
    return Reply({"error": {"code": code, "message": message}}, status, headers)


@dataclass
class Asked:
    method: str
    target: str
    query: Mapping
    headers: Mapping
    body: bytes


class GraphServer:
    def __init__(self, ssl_context=None):
        self.asked = []
        self._replies = defaultdict(list)
        self._default = refusal(404, "NotFound")
        self._ssl = ssl_context
        self.root = ""

    def on(self, target, *replies):
        """Answers this path and query, decoded, with each reply in turn; the last one again and again."""
        self._replies[target] = list(replies)

    def answer_everything(self, reply):
        """Answers every path that nothing else was said about."""
        self._default = reply

    @property
    def targets(self):
        return [asked.target for asked in self.asked]

    async def __aenter__(self):
        self._runner = web.ServerRunner(web.Server(self._answer))
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0, ssl_context=self._ssl)
        await site.start()
        port = self._runner.addresses[0][1]
        self.root = f"https://localhost:{port}" if self._ssl else f"http://127.0.0.1:{port}"
        return self

    async def __aexit__(self, *_):
        await self._runner.cleanup()

    async def _answer(self, request):
        target = unquote(request.raw_path)
        self.asked.append(Asked(request.method, target, request.query, request.headers, await request.read()))
        replies = self._replies[target]
        reply = (replies.pop(0) if len(replies) > 1 else replies[0]) if replies else self._default
        if callable(reply):
            reply = await reply(request)
        if isinstance(reply, Raw):
            request.transport.write(reply.sent)
            request.transport.close()
            return web.Response()
        return (reply if isinstance(reply, Reply) else Reply(reply)).response()


class RecordingPace:
    """Never makes anybody wait, and remembers what it was told."""

    def __init__(self):
        self.turns = []
        self.throttled = []
        self.pauses = []

    async def turn(self, scope):
        self.turns.append(scope)

    def throttle(self, seconds):
        self.throttled.append(seconds)

    async def sleep(self, seconds):
        self.pauses.append(seconds)
