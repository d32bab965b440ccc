"""Output of commands: a table for people, JSON for programs."""

import sys
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

import orjson
import typer

Json = Annotated[bool, typer.Option("--json", help="Machine-readable output.")]


def show(rows: Sequence[dict[str, Any]], *, as_json: bool, empty: str) -> None:
    """Print the rows as a JSON list or as a table; ``empty`` is the text for a table without rows."""
    if as_json:
        print(orjson.dumps(rows, option=orjson.OPT_INDENT_2).decode())
    elif not rows:
        print(empty)
    else:
        _table(rows)


def _table(rows: Sequence[dict[str, Any]]) -> None:
    from rich import box  # noqa: PLC0415 -- 5 MB, for which JSON has no use
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in rows[0]:
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*(_text(value) for value in row.values()))
    # On a pipe each row is one line of any length.
    console = Console(width=None if sys.stdout.isatty() else 2000)
    console.print(table, crop=False)


def _text(value: Any) -> str:
    if value is None:
        return "-"
    return value.isoformat(" ", "seconds") if isinstance(value, datetime) else str(value)
