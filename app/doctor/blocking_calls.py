"""Run blocking calls on daemon threads, so that a call that hangs does not delay the end of the command.

The event loop waits for its own threads when it closes, however long a name server or a login takes.
"""

import asyncio
import socket
from collections.abc import Callable
from contextlib import suppress
from threading import Thread
from typing import TypeVar

Result = TypeVar("Result")


async def run_in_daemon_thread(call: Callable[[], Result]) -> Result:
    """The call's result or its exception. If this coroutine is cancelled, the thread runs on and its result is lost."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[Result] = loop.create_future()

    def settle(result: Result | None, error: Exception | None) -> None:
        if future.done():
            return
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(result)  # type: ignore[arg-type] # None is a valid result

    def run() -> None:
        result, failure = None, None
        try:
            result = call()
        except Exception as error:  # noqa: BLE001 -- raised in the awaiting task
            failure = error
        with suppress(RuntimeError):  # the loop is closed, no task waits for the result
            loop.call_soon_threadsafe(settle, result, failure)

    Thread(target=run, daemon=True).start()
    return await future


async def addresses(host: str, port: int) -> list[str]:
    """The addresses of a host name; raises socket.gaierror if it has none."""
    found = await run_in_daemon_thread(lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
    return list(dict.fromkeys(str(address[0]) for *_, address in found))
