"""The running service as people, programs and Graph see it: over HTTP alone."""

import os
import socket

import httpx
import orjson

from tests.waiting import PATIENCE, until

KEY = "the key of the tests"
# Graph's list fails: what then arrives, arrives by notification and not because a sweep found it.
NO_SWEEPS = {"fault": "status", "status": 503, "match": {"path": r"callRecords\?"}}


def free_port():
    """PUBLIC_URL has to be known before the service listens."""
    with socket.create_server(("127.0.0.1", 0)) as chosen:
        return chosen.getsockname()[1]


def environment(running, ca_file, database_url, **changes):
    """Everything a process needs to meet the simulated Graph; None takes a variable away."""
    world = running.world
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AZURE_", "GRAPH_"))}
    settings = {
        "AZURE_TENANT_ID": world.tenant_id,
        "AZURE_CLIENT_ID": world.client_id,
        "AZURE_CLIENT_SECRET": world.client_secret,
        "AZURE_AUTHORITY_HOST": running.url,
        "GRAPH_BASE_URL": running.url,
        "SSL_CERT_FILE": str(ca_file),
        "PUBLIC_URL": "http://127.0.0.1:1",
        "DATABASE_URL": database_url,
        "API_KEY": KEY,
        "LOG_LEVEL": "info",
        "LOG_FORMAT": "json",
    }
    wanted = {**kept, **settings, **changes}
    return {name: str(value) for name, value in wanted.items() if value is not None}


class Service:
    """One `serve` process and a client that may read everything."""

    def __init__(self, program, url):
        self.program = program
        self.url = url
        self.http = httpx.AsyncClient(base_url=url, headers={"X-API-Key": KEY}, trust_env=False, timeout=PATIENCE)

    async def listens(self):
        await until(
            lambda: self.program.status is not None or self.program.events("serving"), details=self.program.text
        )
        assert self.program.status is None, self.program.text()
        return self

    async def get(self, path, **query):
        answer = await self.http.get(path, params=query)
        assert answer.status_code == 200, answer.text
        return answer

    async def calls(self):
        """Every call in the archive: its summary by its id."""
        found, cursor = {}, {}
        while cursor is not None:
            page = (await self.get("/api/calls", limit=200, **cursor)).json()
            found |= {call["id"]: call for call in page["items"]}
            cursor = {"cursor": page["next_cursor"]} if page["next_cursor"] else None
        return found

    async def record(self, call_id):
        """The document's bytes."""
        return (await self.get(f"/api/calls/{call_id}/record")).content

    async def call(self, call_id):
        return (await self.get(f"/api/calls/{call_id}")).json()

    async def inbox(self):
        return (await self.get("/api/inbox", limit=200)).json()["items"]

    async def has_nothing_due(self):
        """Return once the inbox is empty."""

        async def empty():
            return not await self.inbox()

        await until(empty, details=self.program.text)

    async def refetch(self, call_id):
        answer = await self.http.post(f"/api/calls/{call_id}/refetch")
        assert answer.status_code == 202, answer.text

    async def retry(self, call_id):
        answer = await self.http.post(f"/api/inbox/{call_id}/retry")
        assert answer.status_code == 200, answer.text

    async def holds(self, call_ids, version=1):
        """Return once all of these are in the archive."""
        expected = list(call_ids)  # a generator would be empty at the second attempt

        async def all_there():
            calls = await self.calls()
            return all(call_id in calls and calls[call_id]["version"] >= version for call_id in expected)

        await until(all_there, details=self.program.text)


def plain(value):
    """A document without what Graph's answers say about themselves: contexts and links."""
    if isinstance(value, bytes):
        return plain(orjson.loads(value))
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    if not isinstance(value, dict):
        return value
    about = ("@odata.context", "@odata.nextLink")
    return {key: plain(inner) for key, inner in value.items() if not key.endswith(about)}
