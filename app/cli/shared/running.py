"""Run a command: load the settings, configure the log, start an event loop."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from typing import TypeVar

from app.observability import log
from app.settings import dotenv, environment
from app.settings.environment import Settings

Result = TypeVar("Result")


def run(command: Callable[[Settings], Awaitable[Result]], *, quiet: bool = True, only_database: bool = False) -> Result:
    """Load the settings and run the command with them; a quiet command logs only warnings and errors.

    With ``only_database`` no setting of Entra or Graph is required. Commands that are not quiet run until they are
    stopped, and get the faster event loop where it is installed.
    """
    settings = environment.load_for_database() if only_database else environment.load()
    for line in dotenv.unknown_names({name.upper() for name in Settings.model_fields}):
        print(f"callkeeper: warning: {line}", file=sys.stderr)
    log.configure("warning" if quiet and settings.log_level == "info" else settings.log_level, settings.log_format)

    async def _command() -> Result:
        asyncio.get_running_loop().set_exception_handler(log.log_loop_error)
        return await command(settings)

    with asyncio.Runner(loop_factory=_loop_factory(quiet=quiet)) as runner:
        return runner.run(_command())


def _loop_factory(*, quiet: bool) -> Callable[[], asyncio.AbstractEventLoop] | None:
    if quiet:
        return None
    try:
        import uvloop  # noqa: PLC0415 -- only long-running processes need it, and no Windows has it
    except ImportError:
        return None
    return uvloop.new_event_loop
