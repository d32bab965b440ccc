"""How a connection to PostgreSQL is made, so that one that has gone silent is noticed and given up."""

import asyncio
import socket
from contextlib import suppress
from typing import Any

import asyncpg

from app.db.errors import UnreachableError

CONNECT = 10  # seconds that PostgreSQL has to answer
GIVE_UP = 1.0  # seconds that it has to acknowledge that a statement is cancelled; alive, it takes milliseconds

# A host that vanished says nothing, and the kernel's own patience is 15 minutes for what was sent and endless for
# what is awaited. A statement may still take as long as it likes: probes are answered by the kernel on the other side.
PROBES = {"TCP_KEEPIDLE": 20, "TCP_KEEPINTVL": 5, "TCP_KEEPCNT": 4}  # seconds, seconds, times
UNACKNOWLEDGED = {"TCP_USER_TIMEOUT": 40_000}  # milliseconds


async def connect(dsn: str, statement_limit: float | None) -> asyncpg.Connection:
    """A connection whose statements each end within ``statement_limit`` seconds; raises UnreachableError.

    asyncpg reads the complete libpq URL, sslmode and sockets included.
    """
    try:
        return await asyncpg.connect(
            dsn,
            timeout=CONNECT,
            command_timeout=statement_limit,
            connection_class=_Connection,
            server_settings={"application_name": "callkeeper"},
        )
    except (asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise UnreachableError(f"PostgreSQL refuses the connection: {type(error).__name__}") from error
    except TimeoutError as error:
        raise UnreachableError(f"PostgreSQL does not answer within {CONNECT} s") from error
    except OSError as error:
        raise UnreachableError(f"PostgreSQL does not answer: {error}") from error


class _Connection(asyncpg.Connection):  # type: ignore[misc]  # asyncpg has no types
    """After a statement's limit, or when its task is cancelled, asyncpg asks the server to cancel it and waits for
    the answer, and so would every ROLLBACK behind it: where none comes the connection is closed.
    """

    def __init__(self, protocol: Any, transport: Any, *rest: Any) -> None:
        super().__init__(protocol, transport, *rest)
        _probe(transport.get_extra_info("socket"))

    async def _cancel(self, waiter: Any, cancel_waiter: Any = None) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(GIVE_UP) as patience:
                await super()._cancel(waiter, cancel_waiter)
        if patience.expired() and not self.is_closed():
            self.terminate()


def _probe(connection: Any) -> None:
    if connection is None or connection.family not in (socket.AF_INET, socket.AF_INET6):
        return
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in (PROBES | UNACKNOWLEDGED).items():
        if option := getattr(socket, name, None):  # each system has its own selection
            connection.setsockopt(socket.IPPROTO_TCP, option, value)
