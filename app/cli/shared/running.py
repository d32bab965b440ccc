"""Run a command: load the settings, configure the log, start an event loop."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from app.observability import log
from app.settings import environment
from app.settings.environment import Settings

Result = TypeVar("Result")


def run(command: Callable[[Settings], Awaitable[Result]], *, quiet: bool = True) -> Result:
    """Load the settings and run the command with them; a quiet command logs only warnings and errors.

    The others run until they are stopped, and get the faster event loop where it is installed.
    """
    settings = environment.load()
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
