"""uvicorn inside our own event loop: it listens, says when, and leaves signals to its caller."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import uvicorn
from starlette.types import ASGIApp

from app.observability import log
from app.observability.rare_log import RareLog
from app.web.connections import ConnectionLimits, Connections, Refused

GRACE = 5  # seconds that requests under way get when the server stops

DRAIN = 2.0  # seconds in which open connections are closed after an answer only

_log = log.get(__name__)


class Server:
    """``await server.run()`` serves until ``server.stop()``; ``listening`` is set once connections are taken.

    A stop sets ``stopping``, for answers that have no end.
    """

    def __init__(
        self,
        app: ASGIApp,
        host: str,
        port: int,
        *,
        limits: ConnectionLimits = ConnectionLimits(),  # noqa: B008 -- frozen
        refused: Refused = lambda _: None,
        stopping: asyncio.Event | None = None,
        drain: float = DRAIN,
    ) -> None:
        self._socket = _bind(host, port)
        connections = Connections(limits, refused, RareLog(_log_refused))
        self._stopping = stopping
        self._uvicorn = _Uvicorn(
            connections,
            drain,
            uvicorn.Config(
                app,
                log_config=None,
                access_log=False,  # its lines would hold validation tokens and ids
                server_header=False,
                proxy_headers=False,
                lifespan="off",
                timeout_graceful_shutdown=GRACE,
                timeout_keep_alive=limits.keep_alive_seconds,
                http=connections.protocol,  # type: ignore[arg-type]  # uvicorn only calls it
                ws="none",
            ),
        )
        self.listening = self._uvicorn.listening

    @property
    def port(self) -> int:
        """The one that was asked for, or the free one that was chosen for 0."""
        port: int = self._socket.getsockname()[1]
        return port

    async def run(self) -> None:
        host = self._socket.getsockname()[0]
        _log.info("serving", url=f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}")
        await self._uvicorn.serve(sockets=[self._socket])

    def stop(self) -> None:
        if self._stopping is not None:
            self._stopping.set()
        self._uvicorn.should_exit = True


class _Uvicorn(uvicorn.Server):
    def __init__(self, connections: Connections, drain: float, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._connections = connections
        self._drain = drain
        self.listening = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.listening.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Refuse new connections, and give clients and load balancers some seconds to leave those that are open."""
        await asyncio.sleep(0)  # connections that the system has accepted are ours
        for server in self.servers:
            server.close()
        self._connections.drain(self.server_state.connections)
        with suppress(TimeoutError):
            await asyncio.wait_for(self._connections.all_closed.wait(), self._drain)
        await super().shutdown(sockets)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _log_refused(reason: str, times: int) -> None:
    _log.warning("connections_refused", reason=reason, times=times)


def _bind(host: str, port: int) -> socket.socket:
    """A listening socket; OSError with the address if it is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        reason = error.strerror or "no such address"
        raise OSError(
            error.errno, f"cannot listen on {host} port {port}: {reason}; choose others with --host, --port"
        ) from error
