"""`export`: the archive's tables as files."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from app.cli import output, times
from app.cli.running import run
from app.export.folder import ExportError
from app.export.formats import Format
from app.export.run import Progress as Told
from app.export.run import Summary
from app.export.run import export as write
from app.export.tables import DATASETS
from app.runtime import wiring
from app.settings.environment import Settings

TableName = StrEnum("TableName", {name: name for name in DATASETS})  # type: ignore[misc]


def add_to(app: typer.Typer) -> None:
    app.command(
        epilog="Examples: `callkeeper export --format parquet --out calls`,"
        " `callkeeper export --format csv --out csv --table call_records --since 7d`"
    )(export)


def export(
    form: Annotated[Format, typer.Option("--format", help="parquet needs the extra of that name.")],
    out: Annotated[Path, typer.Option(help="The folder; one format each.")],
    since: Annotated[
        str | None,
        typer.Option(help="Only days of which a call was stored since then: a duration back from now (7d) or a time."),
    ] = None,
    until: Annotated[str | None, typer.Option(help="Only days of which a call was stored before then.")] = None,
    table: Annotated[list[TableName] | None, typer.Option(help="Only this table; may be given several times.")] = None,
    json: output.Json = False,
) -> None:
    """Write the archive's tables as files, a folder for each table and in it for each day of call start (UTC).

    Done again into the same folder, only the days that changed are written, each whole: no call is there twice, and
    none that the archive has no longer. In CSV a text that a spreadsheet would take for a formula has an apostrophe
    before it.
    """
    now = datetime.now(UTC)
    begin, end = times.span(since, until, now)

    async def _export(settings: Settings) -> Summary:
        async with wiring.open_database(settings, statement_limit=None) as database:
            with _progress() as told:
                names = [name.value for name in table or ()]
                return await write(database, out, form, tables=names, since=begin, until=end, progress=told)

    try:
        summary = run(_export)
    except ExportError as error:
        raise wiring.NotReadyError(str(error)) from None
    output.show(_rows(summary), as_json=json, empty="Nothing changed since the last export.")


def _rows(summary: Summary) -> list[dict[str, str | int]]:
    touched = [name for name in DATASETS if summary.days[name] or summary.removed[name]]
    return [
        {
            "table": name,
            "days": summary.days[name],
            "rows": summary.rows[name],
            "bytes": summary.bytes[name],
            "days_removed": summary.removed[name],
        }
        for name in touched
    ]


@contextmanager
def _progress() -> Iterator[Told]:
    """On a terminal's standard error; nothing on a pipe."""
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as progress:
        task = progress.add_task("days", total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)
