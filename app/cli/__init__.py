"""The command line. Each command calls one function; an expected error is one line on standard error."""

import sys
from typing import Annotated, NoReturn

import typer

from app.cli.shared import expected_errors
from app.cli.shared.lazy_group import LazyGroup

app = typer.Typer(
    name="callkeeper",
    cls=LazyGroup,
    help="Archives every Microsoft Teams call record of an organisation before Microsoft Graph deletes it.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    add_completion=False,
    epilog="Examples: `callkeeper demo`, `callkeeper migrate`, `callkeeper serve --port 8000`",
)


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version  # noqa: PLC0415 -- only here, and it takes a tenth of the start

        print(f"callkeeper {version('callkeeper')}")
        raise typer.Exit


@app.callback()
def options(
    *,
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and exit.", is_eager=True, callback=_print_version)
    ] = False,
) -> None:
    """The options that come before a command."""


def main() -> None:
    """Run one command; exit with a line on standard error for each error that the user can fix."""
    try:
        sys.exit(app(standalone_mode=False) or 0)
    except typer.TyperException as error:
        _fail(_usage(error), status=error.exit_code)
    except typer.Abort:
        _fail("stopped")
    except Exception as error:
        if lines := expected_errors.lines(error):
            _fail(*lines)
        raise


def _usage(error: typer.TyperException) -> str:
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "callkeeper"
    message = " ".join(error.format_message().replace("Value error, ", "").split()).rstrip(".")
    return f"{message or 'no command given'}; see `{command} --help`"


def _fail(*lines: str, status: int = 1) -> NoReturn:
    for line in lines:
        print(f"callkeeper: {line}", file=sys.stderr)
    sys.exit(status)
