"""The command line: each command is a call to one function, and an expected error is one clear line."""

import sys

import typer

from app import schema
from app.cli import database, inbox, processes, subscriptions, sweeps
from app.config import SettingsError
from app.graph.errors import GraphError
from app.wiring import NotReadyError

app = typer.Typer(
    name="callkeeper",
    help="Keeps every Microsoft Teams call record of an organisation, before Microsoft Graph deletes it.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    add_completion=False,
)
for module in (processes, subscriptions, sweeps, inbox, database):
    module.add_to(app)


def main() -> None:
    """Run one command; exit 1 with one line on standard error where something is wrong that a person can mend."""
    try:
        app()
    except (SettingsError, NotReadyError, GraphError) as error:
        _fail(str(error))
    except schema.DatabaseFailed as error:
        _fail(f"the database failed: {type(error).__name__}: {str(getattr(error, 'orig', error)).splitlines()[0]}")
    except OSError as error:
        _fail(error.strerror or str(error))


def _fail(line: str) -> None:
    print(f"callkeeper: {line}", file=sys.stderr)
    sys.exit(1)
