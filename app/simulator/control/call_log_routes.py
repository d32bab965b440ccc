"""Control routes for the PSTN and Direct Routing logs."""

from collections import Counter
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

import orjson
from aiohttp import web

from app.simulator.call_logs.rows import rows
from app.simulator.control.access import Route
from app.simulator.errors import json_response
from app.simulator.world import World


class CallLogControl:
    def __init__(self, world: World) -> None:
        self.world = world

    def table(self) -> list[Route]:
        return [
            ("POST", "/call-logs", self.put),
            ("POST", "/call-logs/make", self.make),
            ("GET", "/call-logs", self.count),
            ("DELETE", "/call-logs", self.clear),
        ]

    async def put(self, request: web.Request) -> web.Response:
        """{"kind", "rows", "visible_after_s", "tenant_id"}: a row with the id of another one changes its content."""
        body = orjson.loads(await request.read())
        self.world.put_log_rows(body.pop("kind"), body.pop("rows"), **body)
        return web.Response(status=HTTPStatus.NO_CONTENT)

    async def make(self, request: web.Request) -> web.Response:
        """{"kind", "count", "since", "hours", "seed", "visible_after_s"}: invented rows of all call types."""
        body: dict[str, Any] = orjson.loads(await request.read())
        since = datetime.fromisoformat(body.pop("since"))
        span, seed = timedelta(hours=body.pop("hours", 24)), body.pop("seed", 0)
        made = list(rows(body["kind"], body.pop("count"), since, span, seed))
        self.world.put_log_rows(body.pop("kind"), made, **body)
        return json_response({"ids": [row["id"] for row in made]}, status=HTTPStatus.CREATED)

    async def count(self, _: web.Request) -> web.Response:
        """The number of rows by kind."""
        counts: Counter[str] = Counter()
        for (_tenant, kind), found in self.world.call_logs.rows.items():
            counts[kind] += len(found)
        return json_response(counts)

    async def clear(self, _: web.Request) -> web.Response:
        self.world.call_logs.rows.clear()
        return web.Response(status=HTTPStatus.NO_CONTENT)
