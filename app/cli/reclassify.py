"""`reclassify`: the verdicts on archived streams again, by a named rule set."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from app.archive.daily import count_job
from app.archive.parse.quality_rules import DEFAULT, RULE_SETS
from app.archive.upgrade import reclassifications
from app.archive.upgrade.reclassifications import Request
from app.archive.upgrade.reclassify import Progress as OnProgress
from app.archive.upgrade.reclassify import Reclassify
from app.cli.shared import arguments, output
from app.cli.shared.running import run
from app.db import Database
from app.runtime import opening
from app.settings.environment import Settings

ANOTHER = 1.0  # seconds until it is asked again how far another process is


def add_to(app: typer.Typer) -> None:
    app.command(
        epilog="Examples: `callkeeper reclassify`, `callkeeper reclassify --rules cqd-2018 --since 90d`,"
        " `callkeeper reclassify --background`"
    )(reclassify)


def reclassify(
    rules: Annotated[str, typer.Option(help=f"The rule set: {', '.join(RULE_SETS)}.")] = DEFAULT.name,
    since: Annotated[
        str | None,
        typer.Option(help="Only calls that began since: a duration back from now (90d) or a time (2026-01-31)."),
    ] = None,
    background: Annotated[
        bool, typer.Option("--background", help="Return at once: a running `serve` or `worker` does the work.")
    ] = False,
    json: output.Json = False,
) -> None:
    """Classify archived streams again as good, poor or unknown by a rule set. The daily counts follow.

    Interrupt it at any time: a running `serve` or `worker` continues, or the same command does. New calls are always
    classified by the default rule set.
    """
    if rules not in RULE_SETS:
        raise typer.BadParameter(f"{rules!r} is not one of {', '.join(RULE_SETS)}", param_hint="--rules")
    begin = arguments.moment(since, "--since", datetime.now(UTC))

    async def _reclassify(settings: Settings) -> int:
        async with opening.open_database(settings, statement_limit=None) as database:
            async with database.begin() as db:
                request = await reclassifications.add(db, rules, begin, datetime.now(UTC))
                calls = await reclassifications.count_open(db, request)
            if not background:
                with _progress(calls) as on_progress:
                    await _finish(database, request, calls, on_progress)
                await count_job.settle(database, holder=opening.holder())
        return calls

    calls = run(_reclassify, only_database=True)
    output.show([{"rules": rules, "since": begin, "calls": calls}], as_json=json, empty="")
    if background and not json:
        print("A running `serve` or `worker` classifies them in the background.")


async def _finish(database: Database, request: Request, calls: int, on_progress: OnProgress) -> None:
    """Do the work here, or wait for the process that does it."""
    job = Reclassify(database, holder=opening.holder(), rest=0)
    while True:
        await job.once(on_progress)
        async with database.reading() as db:
            if await reclassifications.current(db) != request:
                return
            on_progress(calls - await reclassifications.count_open(db, request))
        await asyncio.sleep(ANOTHER)


@contextmanager
def _progress(calls: int) -> Iterator[OnProgress]:
    """On a terminal's standard error; nothing on a pipe."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as progress:
        task = progress.add_task("classifying", total=calls)
        yield lambda done: progress.update(task, completed=done)
