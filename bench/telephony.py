"""Telephony at a year of 1,000,000 log rows: the figures of 30 days, and the first page of each list.

Not part of `make bench`: making the rows takes minutes. Run it by hand: `python -m bench telephony --store`.
BENCH_LOG_ROWS changes the number of rows.
"""

import asyncio
import os
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path

import httpx

from app.access.audit import Audit
from app.db import Database
from app.observability.metrics import Metrics
from app.web import app as web
from app.web.auth.callers import Keys
from app.web.auth.wrong_keys import WrongKeys
from app.web.context import Context
from app.web.webhook.receiver import Receiver
from bench import databases, log_rows
from bench.processes import TENANT
from bench.report import Row
from bench.started import started
from bench.timed import timed

KEY = "the key of the benchmark"
FIGURES, LIST = 300, 20  # milliseconds at the 95th percentile
BY = ("trunk", "user", "department", "destination", "call_type", "voice_app")


def run(folder: Path) -> list[Row]:
    count = int(os.environ.get("BENCH_LOG_ROWS", "1000000"))
    rows: list[Row] = []
    for name, fresh in (("SQLite", databases.sqlite), ("PostgreSQL", databases.postgresql)):
        url = fresh(folder)
        made = asyncio.run(log_rows.fill(url, count))
        rows += asyncio.run(measured(url, f"{made:,} log rows, {name}"))
    return rows


async def measured(url: str, where: str) -> list[Row]:
    async with AsyncExitStack() as stack:
        database, metrics = Database.open(url), Metrics()
        stack.push_async_callback(database.close)
        receiver = await stack.enter_async_context(Receiver(database, (TENANT,), metrics))
        audit = await stack.enter_async_context(Audit(database))
        app = web.make(
            Context(database, (TENANT,), Keys(KEY, None), metrics, audit, WrongKeys(metrics)), receiver, metrics
        )
        headers = {"Authorization": f"Bearer {KEY}"}
        transport = httpx.ASGITransport(app)
        http = httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1", headers=headers, timeout=60)
        await stack.enter_async_context(http)
        stack.enter_context(started())
        rows = [
            await asked(http, f"figures by {by} of 30 days at {where}", f"/api/telephony?by={by}&{_days()}", FIGURES)
            for by in BY
        ]
        for path, what in _lists():
            rows.append(await asked(http, f"{what} at {where}", path, LIST))
        return rows


def _days() -> str:
    last = log_rows.END - timedelta(days=1)
    return f"from={last - timedelta(days=30):%Y-%m-%dT%H:%M:%SZ}&to={last:%Y-%m-%dT%H:%M:%SZ}"


def _lists() -> list[tuple[str, str]]:
    return [
        ("/api/direct-routing-calls", "list of Direct Routing calls"),
        (f"/api/direct-routing-calls?trunk={log_rows.TRUNKS[2]}", "list of a trunk's calls"),
        ("/api/direct-routing-calls?sip_code=503", "list of calls with one SIP code"),
        (f"/api/pstn-calls?user={log_rows.user(7)[1]}", "list of a user's PSTN calls"),
        ("/api/pstn-calls?number=%2B4930123*", "list of calls with a number's beginning"),
        ("/api/pstn-calls?call_type=user_in", "list of PSTN calls of one type"),
    ]


async def asked(http: httpx.AsyncClient, what: str, path: str, reach: float) -> Row:
    async def ask(_: int) -> None:
        (await http.get(path)).raise_for_status()

    p50, p95 = await timed(ask)
    return Row(f"telephony {what}: p95 in ms", p95, "<=", reach, f"p50 {p50:.1f} ms")
