"""Faults of PostgreSQL, of the network to it and of our processes: how long recovery takes, and what is lost.

    python -m bench faults

Each fault comes while ten notifications arrive in a second. Seconds count from the end of the fault. The machine must
be quiet: with many processes waiting for its processors the figures are upper bounds.
"""

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from bench.fault_stage import Load, Stage, opened, until
from bench.report import Row

BEFORE, AFTER = 3.0, 3.0  # seconds of load without the fault
COUNT = 4000  # calls that exist for each scenario; more than are notified

Fault = Callable[[Stage], Awaitable[None]]
"""Returns at the end of the fault."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """``webhook`` and ``stored``: at most so many seconds until a notification is acknowledged again, and until all
    that were acknowledged by the end of the fault are stored.
    """

    what: str
    fault: Fault
    webhook: float
    stored: float


async def restart(stage: Stage) -> None:
    await stage.server.restart()


async def crash(stage: Stage) -> None:
    await stage.server.crash()


async def freeze(stage: Stage) -> None:
    stage.server.send(signal.SIGSTOP)
    await asyncio.sleep(10)
    stage.server.send(signal.SIGCONT)


async def silent(stage: Stage) -> None:
    stage.link.silent = True
    await asyncio.sleep(5)
    stage.link.forget()
    stage.link.silent = False


async def forgotten(stage: Stage) -> None:
    stage.link.forget()


async def cut(stage: Stage) -> None:
    stage.link.refusing = True
    stage.link.cut()
    await asyncio.sleep(5)
    stage.link.refusing = False


async def kill_web(stage: Stage) -> None:
    stage.web.kill()
    stage.start_web()
    await until(lambda: _listens(stage))


async def kill_worker(stage: Stage) -> None:
    stage.worker.kill()
    stage.start_worker()


SCENARIOS = (
    Scenario("PostgreSQL restarts within a second", restart, 10, 15),
    Scenario("a session of PostgreSQL crashes", crash, 10, 30),
    Scenario("PostgreSQL is frozen for 10 s", freeze, 5, 30),
    Scenario("the network drops everything for 5 s, and its connections are lost", silent, 5, 30),
    Scenario("a proxy forgets every connection and acknowledges what is sent", forgotten, 5, 30),
    Scenario("connections are cut and refused for 5 s", cut, 5, 15),
    Scenario("a web process is killed", kill_web, 5, 30),
    Scenario("a worker is killed, whose claims last 2 minutes", kill_worker, 5, 150),
)


def run(folder: Path) -> list[Row]:
    return asyncio.run(_run(folder))


async def _run(folder: Path) -> list[Row]:
    rows: list[Row] = []
    acknowledged: set[str] = set()
    async with opened(folder) as stage:
        for scenario in SCENARIOS:
            async for row in _one(stage, scenario, acknowledged):
                print(row, flush=True)
                rows.append(row)
        lost = len(acknowledged - await stage.stored())
    rows.append(Row("acknowledged notifications lost in all faults", lost, "<=", 0, f"of {len(acknowledged)}"))
    return rows


async def _one(stage: Stage, scenario: Scenario, acknowledged: set[str]) -> AsyncIterator[Row]:
    load = await stage.load(COUNT)
    sending = asyncio.create_task(load.run())
    await until(lambda: _acknowledges(load, 0.0))
    await asyncio.sleep(BEFORE)
    await scenario.fault(stage)
    end = time.monotonic()
    due = set(load.acknowledged)
    webhook = await until(lambda: _acknowledges(load, end))
    stored = await until(lambda: _has(stage, due)) + webhook
    await asyncio.sleep(AFTER)
    sending.cancel()
    await asyncio.wait([sending])
    acknowledged |= set(load.acknowledged)
    await until(lambda: _has(stage, acknowledged))
    note = f"{len(load.acknowledged)} acknowledged, {load.refused} refused"
    yield Row(f"{scenario.what}: seconds until a notification is stored", webhook, "<=", scenario.webhook, note)
    yield Row(f"{scenario.what}: seconds until all acknowledged are collected", stored, "<=", scenario.stored)


async def _acknowledges(load: Load, since: float) -> bool:
    return any(at >= since for at in load.acknowledged.values())


async def _has(stage: Stage, call_ids: set[str]) -> bool:
    return call_ids <= await stage.stored()


async def _listens(stage: Stage) -> bool:
    _, writer = await asyncio.open_connection("127.0.0.1", stage.port)
    writer.close()
    return True
