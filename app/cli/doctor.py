"""`doctor`: check the installation and print one line per check with what to do."""

import asyncio
import sys
from collections.abc import Sequence
from dataclasses import asdict
from io import TextIOWrapper

import orjson
import typer
from rich.console import Console
from rich.text import Text

from app.cli.shared import output
from app.doctor.finding import Check, State
from app.doctor.run import run_checks
from app.observability import log

_MARKS: dict[State, tuple[str, str]] = {
    "ok": ("✓", "green"),
    "warning": ("!", "yellow"),
    "failed": ("✗", "bold red"),
    "skipped": ("–", "dim"),  # noqa: RUF001 -- a dash is intended
}


def add_to(app: typer.Typer) -> None:
    app.command(epilog="Examples: `callkeeper doctor`, `callkeeper doctor --json`")(doctor)


def doctor(json: output.Json = False) -> None:
    """Check the installation: one line per check, with what to do if something is wrong. Changes nothing.

    Exit status 1 if any check failed; warnings do not count.
    """
    log.configure("error", None)
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # the encoding of a pipe may be ASCII
    checks = asyncio.run(run_checks())
    if json:
        print(orjson.dumps([_plain(check) for check in checks], option=orjson.OPT_INDENT_2).decode())
    else:
        _show(checks)
    if count := sum(check.state == "failed" for check in checks):
        print(f"callkeeper: {_summary(count)}", file=sys.stderr)
        raise typer.Exit(1)


def _summary(failed: int) -> str:
    checks = "1 check" if failed == 1 else f"{failed} checks"
    return f"{checks} failed. Fix the first one, then run doctor again."


def _plain(check: Check) -> dict[str, str | None]:
    fields = asdict(check)
    return {name: value for name, value in fields.items() if name != "tenant_id" or value is not None}


def _show(checks: Sequence[Check]) -> None:
    """Each check is one line of any length, on a terminal and on a pipe."""
    several = len({check.tenant_id for check in checks if check.tenant_id}) > 1
    console = Console(soft_wrap=True, highlight=False)
    for check in checks:
        console.print(_line(check, with_tenant=several))


def _line(check: Check, *, with_tenant: bool) -> Text:
    mark, style = _MARKS[check.state]
    line = Text.assemble((f"{mark} {check.state:<8}", style), f" {check.check:<16} ")
    line.append(f"[{check.tenant_id}] " if with_tenant and check.tenant_id else "")
    line.append(check.found)
    if check.remedy:
        line.append(" → ", style)
        line.append(check.remedy)
    return line
