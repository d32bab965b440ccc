"""`callkeeper status`: for a person at a glance, for a program as JSON, for cron by its exit."""

import asyncio
import json
import os
import pty
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from app.db import Database
from app.inbox import queue, tenant_state
from app.inbox.model import inbox
from app.inbox.queue import Notice
from app.subscriptions import model
from tests.sample_settings import OTHER_TENANT, TENANT

CALL = "00000000-1111-2222-3333-444444444444"


@pytest.fixture
def prepared(environment, tmp_path):
    """A database in which one tenant works; what else is given happens in it."""

    def prepared(and_then=None):
        asyncio.run(_prepare(f"sqlite:///{tmp_path}/callkeeper.db", and_then))

    return prepared


async def _prepare(url, and_then):
    database, now = Database.open(url), datetime.now(UTC)
    async with database.begin() as db:
        await tenant_state.ensure_rows(db, [TENANT])
        ours, _ = await model.insert(db, TENANT, "https://we.example/n", "https://we.example/l", now)
        await model.update_row(db, ours, subscription_id="s", expires_at=now + timedelta(hours=51, minutes=1))
        await tenant_state.mark(
            db, TENANT, notified_at=now - timedelta(minutes=4), reconciled_at=now, unnotified_total=1
        )
        await tenant_state.count_stored(db, {TENANT: 12}, now - timedelta(minutes=3))
        if and_then:
            await and_then(db, now)
    await database.close()


async def an_old_row(db, now):
    await queue.put(db, [Notice(TENANT, CALL, now + timedelta(days=3, hours=1))], now)
    await db.execute(update(inbox).values(due_at=now - timedelta(hours=2)))


def test_what_works_is_reported_at_a_glance_and_the_exit_is_0(callkeeper, prepared):
    prepared()
    ended = callkeeper("status")
    assert (ended.status, ended.err) == (0, "")
    reported = [" ".join(line.split()) for line in ended.out.splitlines()]
    on_time = [re.sub(r"(min) \d s|(sweep) \d s", r"\1\2", line) for line in reported]  # a busy machine takes a second
    assert on_time == [
        f"tenant {TENANT} collecting",
        "subscription live, expires in 2 d 3 h",
        "last notification 4 min ago",
        "last record 3 min ago, 12 records stored",
        "last sweep ago, 1 call found without a notification",
        "inbox 0 due, 0 failed, 0 expired",
    ]


def test_what_does_not_work_is_reported_first_with_what_to_do_and_the_exit_is_1(callkeeper, prepared):
    prepared(an_old_row)
    ended = callkeeper("status")
    lines = [" ".join(line.split()) for line in ended.out.splitlines()]
    assert (ended.status, lines[0]) == (1, f"tenant {TENANT} needs attention")
    assert lines[1].startswith("collecting a record has been due for 2 h: ")
    assert lines[2].startswith("deadline Graph deletes 1 record missing from the archive, the first in 3 d: ")
    assert "next deadline in 3 d at Graph" in " ".join(lines)
    assert "oldest due for 2 h" in lines


def test_each_tenant_is_reported_with_its_own_reasons(callkeeper, prepared, environment):
    prepared()
    environment(AZURE_TENANT_ID=f"{TENANT},{OTHER_TENANT}")
    ended = callkeeper("status")
    assert ended.status == 1
    first, second = ended.out.split("\n\n")
    assert (TENANT in first, "collecting" in first) == (True, True)
    assert (OTHER_TENANT in second, "callkeeper subscriptions ensure" in second) == (True, True)


def test_programs_get_what_the_api_says_and_the_reasons(callkeeper, prepared):
    prepared(an_old_row)
    ended = callkeeper("status", "--json")
    reported = json.loads(ended.out)
    assert (ended.status, reported["ready"]) == (1, False)
    assert [(r["reason"], r["tenant_id"]) for r in reported["reasons"]] == [
        ("collecting", TENANT),
        ("deadline", TENANT),
    ]
    (tenant,) = reported["tenants"]
    assert (tenant["inbox"], tenant["subscription"]["live"]) == ({"due": 1, "failed": 0, "expired": 0}, True)
    assert datetime.fromisoformat(tenant["last_notification"]) < datetime.now(UTC)


def test_a_pipe_gets_no_colours_and_a_line_however_long(callkeeper, prepared):
    prepared(an_old_row)
    out = callkeeper("status").out
    assert "\x1b" not in out
    assert len(out.splitlines()) == 10


def on_a_terminal(**variables):
    """What a person sees."""
    above, below = pty.openpty()
    environment = {name: value for name, value in os.environ.items() if name != "NO_COLOR"} | {"TERM": "xterm-256color"}
    with subprocess.Popen(
        [sys.executable, "-m", "app", "status"], stdout=below, stdin=below, env=environment | variables
    ) as program:
        os.close(below)
        said = b""
        try:
            while chunk := os.read(above, 4096):
                said += chunk
        except OSError:  # the other end is closed
            pass
    os.close(above)
    assert program.returncode == 0
    return said


def test_a_terminal_gets_colours_unless_they_are_switched_off(prepared):
    prepared()
    assert b"\x1b[1;32mcollecting" in on_a_terminal()
    plain = on_a_terminal(NO_COLOR="1")
    assert b"collecting" in plain
    assert b"\x1b[1;32m" not in plain


def test_neither_graph_nor_a_credential_is_asked(callkeeper, prepared, environment):
    prepared()
    environment(AZURE_AUTHORITY_HOST="https://127.0.0.1:1", GRAPH_BASE_URL="https://127.0.0.1:1")
    assert callkeeper("status").status == 0


def test_a_backfill_of_more_than_graph_has_says_what_is_left(callkeeper, prepared, environment):
    prepared()
    environment(AZURE_AUTHORITY_HOST="https://127.0.0.1:1", GRAPH_BASE_URL="https://127.0.0.1:1")
    said = "Graph has call records of the last 30 days: "
    assert callkeeper("backfill", "--since", "60d").err.startswith(f"{said}listing records since 20")
    assert callkeeper("backfill", "--since", "60d", "--until", "40d").err.startswith(
        f"{said}it has none of this window"
    )
    assert said not in callkeeper("backfill", "--since", "30d").err
