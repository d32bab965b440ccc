"""uvicorn inside our own event loop: it listens, says when, and leaves signals to its caller."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp

from app.observability import log
from app.observability.rare_log import RareLog
from app.web.connections import ConnectionLimits, Connections, Refused

GRACE = 5  # seconds that requests under way get when the server stops

_log = log.get(__name__)


class Server:
    """``await server.run()`` serves until ``server.stop()``; ``listening`` is set once connections are taken."""

    def __init__(
        self,
        app: ASGIApp,
        host: str,
        port: int,
        *,
        limits: ConnectionLimits = ConnectionLimits(),  # noqa: B008 -- frozen
        refused: Refused = lambda _: None,
    ) -> None:
        self._socket = _bind(host, port)
        connections = Connections(limits, refused, RareLog(_log_refused))
        self._uvicorn = _Uvicorn(
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
            )
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
        self._uvicorn.should_exit = True


class _Uvicorn(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.listening.set()

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
