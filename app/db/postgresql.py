"""How a connection to PostgreSQL is made, so that both sides notice when the other has vanished, and give up."""

import asyncio
import socket
from contextlib import suppress
from typing import Any

import asyncpg

from app.db.errors import UnreachableError
from app.db.limits import Limits

CONNECT = 10  # seconds that PostgreSQL has to answer
GIVE_UP = 1.0  # seconds that it has to acknowledge that a statement is cancelled; alive, it takes milliseconds
BEGIN = 5.0  # seconds for the first statement of a transaction; a connection that was idle may have been lost
ROLLBACK = 5.0  # seconds for it; the server also rolls back when the connection ends

# A host that vanished says nothing, and the kernel's own patience is 15 minutes for what was sent and endless for
# what is awaited. A statement may still take as long as it likes: probes are answered by the kernel on the other side.
PROBES = {"TCP_KEEPIDLE": 10, "TCP_KEEPINTVL": 5, "TCP_KEEPCNT": 3}  # seconds, seconds, times
UNACKNOWLEDGED = {"TCP_USER_TIMEOUT": 25_000}  # milliseconds
# The same at the server, which otherwise serves a host that vanished for hours.
# https://www.postgresql.org/docs/current/runtime-config-connection.html
SERVER_PROBES = {"tcp_keepalives_idle": 10, "tcp_keepalives_interval": 5, "tcp_keepalives_count": 3}
SERVER_UNACKNOWLEDGED = {"tcp_user_timeout": 25_000}


async def connect(dsn: str, limits: Limits, *, abrupt: bool = False) -> asyncpg.Connection:
    """A connection with these limits on both sides; raises UnreachableError. ``abrupt``: closed without a word.

    asyncpg reads the complete libpq URL, sslmode and sockets included.
    """
    try:
        return await _connect(dsn, limits, _Abrupt if abrupt else _Connection)
    except (asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise UnreachableError(f"PostgreSQL refuses the connection: {type(error).__name__}") from error
    except TimeoutError as error:
        raise UnreachableError(f"PostgreSQL does not answer within {CONNECT} s") from error
    except OSError as error:
        raise UnreachableError(f"PostgreSQL does not answer: {error}") from error


async def _connect(dsn: str, limits: Limits, kind: type[asyncpg.Connection]) -> asyncpg.Connection:
    probes = {name: str(value) for name, value in (SERVER_PROBES | SERVER_UNACKNOWLEDGED).items()}
    settings = limits.as_settings() | probes
    try:
        return await _open(dsn, limits, kind, settings)
    except asyncpg.PostgresError as error:
        if "startup parameter" not in str(error):
            raise
    # PgBouncer refuses settings that it does not know when a connection begins.
    connection = await _open(dsn, limits, kind, {})
    await connection.execute(";".join(f"SET {name} = {value}" for name, value in settings.items()))
    return connection


async def _open(
    dsn: str, limits: Limits, kind: type[asyncpg.Connection], settings: dict[str, str]
) -> asyncpg.Connection:
    return await asyncpg.connect(
        dsn,
        timeout=CONNECT,
        command_timeout=limits.statement,
        connection_class=kind,
        server_settings={"application_name": "callkeeper"} | settings,
    )


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

    async def execute(self, query: str, *args: Any, timeout: float | None = None) -> str:
        if query.startswith("ROLLBACK"):
            timeout = ROLLBACK
        elif query.startswith("BEGIN"):
            return await self._begin(query)
        status: str = await super().execute(query, *args, timeout=timeout)
        return status

    async def _begin(self, query: str) -> str:
        """A proxy acknowledges what it forwards to no server: probes do not notice it, and this does. The pool then
        replaces every connection that is idle, because they were lost together.
        """
        try:
            status: str = await super().execute(query, timeout=BEGIN)
        except TimeoutError as error:
            self.terminate()
            raise asyncpg.ConnectionDoesNotExistError(f"the server does not answer within {BEGIN:.0f} s") from error
        return status

    async def close(self, *, timeout: float | None = None) -> None:
        """Asyncpg waits for the server's answer, without a limit, and closes the connection at its end in any case."""
        with suppress(TimeoutError):
            await super().close(timeout=min(timeout or GIVE_UP, GIVE_UP))


class _Abrupt(_Connection):
    """Closed at this end at once, also while a statement runs: no caller waits for a server that may have vanished."""

    async def close(self, *, timeout: float | None = None) -> None:  # noqa: ARG002 -- asyncpg's signature
        self.terminate()


def _probe(connection: Any) -> None:
    if connection is None or connection.family not in (socket.AF_INET, socket.AF_INET6):
        return
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in (PROBES | UNACKNOWLEDGED).items():
        if option := getattr(socket, name, None):  # each system has its own selection
            connection.setsockopt(socket.IPPROTO_TCP, option, value)
