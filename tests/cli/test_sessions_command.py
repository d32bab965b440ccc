"""`sessions list | end` as an administrator uses them."""

import asyncio
import json
from datetime import UTC, datetime

from app.access import sign_in_sessions
from app.access.caller import Caller
from app.db import Database
from tests.sample_settings import TENANT

PERSON = "00000000-0000-4000-8000-0000000000fe"


def test_sessions_are_listed_and_ended_by_id_or_all(callkeeper, tmp_path):
    assert callkeeper("sessions", "list").out == "No user is signed in.\n"
    asyncio.run(_sign_in(f"sqlite:///{tmp_path}/callkeeper.db", times=3))
    rows = json.loads(callkeeper("sessions", "list", "--json").out)
    assert [(row["who"], row["method"], row["scope"], row["tenants"]) for row in rows] == [
        (PERSON, "entra", "read", [TENANT])
    ] * 3
    assert callkeeper("sessions", "end", rows[0]["id"]).out == "ended 1 session\n"
    again = callkeeper("sessions", "end", rows[0]["id"])
    assert (again.status, again.err.count("\n")) == (1, 1)
    assert rows[1]["id"] in callkeeper("sessions", "list").out
    assert callkeeper("sessions", "end", "--all").out == "ended 2 sessions\n"
    assert callkeeper("sessions", "end").status == callkeeper("sessions", "end", "x", "--all").status == 2


async def _sign_in(url, times):
    database = Database.open(url)
    for _ in range(times):
        async with database.begin() as db:
            await sign_in_sessions.create(db, Caller(PERSON, "read", (TENANT,)), "entra", datetime.now(UTC))
    await database.close()
