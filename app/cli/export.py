"""`export`: write the archive's tables as files."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from app.cli.shared import arguments, output
from app.cli.shared.running import run
from app.export import known_folders
from app.export.folder import ExportError
from app.export.formats import Format
from app.export.run import Progress as OnProgress
from app.export.run import Summary
from app.export.run import export as write
from app.export.tables import DATASETS
from app.runtime import opening
from app.settings.environment import Settings

TableName = StrEnum("TableName", {name: name for name in DATASETS})  # type: ignore[misc]


def add_to(app: typer.Typer) -> None:
    app.command(
        epilog="Examples: `callkeeper export --format parquet --out calls`,"
        " `callkeeper export --format csv --out csv --table call_records --since 7d`"
    )(export)


def export(
    form: Annotated[Format, typer.Option("--format", help="File format; parquet needs the extra `parquet`.")],
    out: Annotated[Path, typer.Option(help="Folder to write to; use one folder per format.")],
    since: Annotated[
        str | None,
        typer.Option(
            help="Only days with a call or log row stored since then: a duration back from now (7d) or a time."
        ),
    ] = None,
    until: Annotated[str | None, typer.Option(help="Only days with a call or log row stored before then.")] = None,
    tenant: Annotated[str | None, typer.Option(help="Only this tenant; use one folder per tenant.")] = None,
    table: Annotated[list[TableName] | None, typer.Option(help="Only this table; can be repeated.")] = None,
    json: output.Json = False,
) -> None:
    """Write the archive's tables as files: one folder per table, with one folder per day of the call's start (UTC).

    An export into the same folder writes only the days that have changed, and writes each of them completely: no call
    is duplicated, and calls deleted from the archive disappear. In CSV, text that a spreadsheet would read as a formula
    starts with an apostrophe.
    """
    now = datetime.now(UTC)
    begin, end = arguments.span(since, until, now)

    async def _export(settings: Settings) -> Summary:
        only = arguments.tenant(settings, tenant) if tenant else None
        async with opening.open_database(settings, statement_limit=None) as database:
            async with database.begin() as db:  # before the first file: `erase` must know it
                await known_folders.remember(db, out, form.value)
            with _progress() as on_progress:
                names = [name.value for name in table or ()]
                return await write(
                    database, out, form, tables=names, tenant=only, since=begin, until=end, progress=on_progress
                )

    try:
        summary = run(_export, only_database=True)
    except ExportError as error:
        raise opening.NotReadyError(str(error)) from None
    output.show(_rows(summary), as_json=json, empty="Nothing has changed since the last export.")


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
def _progress() -> Iterator[OnProgress]:
    """A progress bar on a terminal's standard error; nothing on a pipe."""
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
