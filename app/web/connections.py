"""What one connection may cost before its request is known: seconds, bytes and a place among the connections.

uvicorn closes connections that are idle after an answer. It waits without end for the head of a first request, takes
heads of any size, and logs a line for each malformed request.
"""

import asyncio
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from app.observability.rare_log import RareLog

Refused = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """The bounds of a server for connections whose request head is not complete, and for connections in all."""

    head_seconds: float = 20.0
    head_bytes: int = 64 * 1024
    connections: int = 800  # below the 1,024 file descriptors that many systems allow a process
    keep_alive_seconds: int = 75  # longer than load balancers keep a connection, so that they close it first


class Connections:
    """Makes the protocol of each connection, and knows which of them have no complete request head."""

    def __init__(self, limits: ConnectionLimits, refused: Refused, log: RareLog) -> None:
        self.limits = limits
        self.without_head: dict[_Protocol, None] = {}  # in the order of their arrival
        self.is_draining = False
        self.all_closed = asyncio.Event()
        self._refused = refused
        self._log = log

    def protocol(self, *args: Any, **kwargs: Any) -> "_Protocol":
        return _Protocol(self, *args, **kwargs)

    def drain(self, open_now: Collection[Any]) -> None:
        """Close each connection after its next answer, which says so: a client that reuses one must not find it
        closed just as it sends.
        """
        self.is_draining = True
        for connection in open_now:
            connection.close_after_answer()
        self.note_closed(open_now)

    def note_closed(self, still_open: Collection[Any]) -> None:
        if not still_open:
            self.all_closed.set()

    def longest_idle(self, newest: "_Protocol") -> "_Protocol":
        """The connection that has waited longest without a request; it is closed for a new one."""
        return next((one for one in self.without_head if one.is_idle), newest)

    def count(self, reason: str) -> None:
        self._refused(reason)
        self._log.note(reason)


class _Protocol(HttpToolsProtocol):
    def __init__(self, all_of_them: Connections, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._all = all_of_them
        self._limits = all_of_them.limits
        self._head_bytes = 0
        self._timer: asyncio.TimerHandle | None = None

    @property
    def is_idle(self) -> bool:
        """No answer is under way."""
        return self.cycle is None or self.cycle.response_complete  # type: ignore[redundant-expr]

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._await_head()
        self._start_timer()
        if len(self.connections) > self._limits.connections:
            self._all.longest_idle(self).refuse("too_many", 503)

    def connection_lost(self, exc: Exception | None) -> None:
        self._head_is_complete()
        super().connection_lost(exc)
        if self._all.is_draining:
            self._all.note_closed(self.connections)

    def data_received(self, data: bytes) -> None:
        self._unset_keepalive_if_required()
        if self.transport.is_closing():
            return
        if self in self._all.without_head:
            self._head_bytes += len(data)
            self._start_timer()
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserError:
            self.refuse("malformed", 400)
        except httptools.HttpParserUpgrade:  # the request itself is answered like any other
            self._all.count("upgrade")
        if self in self._all.without_head and self._head_bytes > self._limits.head_bytes:
            self.refuse("head_large", 431)

    def on_headers_complete(self) -> None:
        self._head_is_complete()
        super().on_headers_complete()
        if self._all.is_draining:
            self.close_after_answer()

    def close_after_answer(self) -> None:
        """Unless the head of the answer is sent already: then after the next one."""
        if self.cycle is not None and not self.cycle.response_started:  # type: ignore[redundant-expr]
            self.cycle.keep_alive = False

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self._await_head()

    def refuse(self, reason: str, status: int) -> None:
        self._all.count(reason)
        self._head_is_complete()
        if not self.transport.is_closing():
            self.transport.write(b"HTTP/1.1 %d \r\nconnection: close\r\ncontent-length: 0\r\n\r\n" % status)
            self.transport.close()

    def _await_head(self) -> None:
        self._head_bytes = 0
        self._all.without_head[self] = None

    def _head_is_complete(self) -> None:
        self._all.without_head.pop(self, None)
        if self._timer:
            self._timer.cancel()
            self._timer = None

    def _start_timer(self) -> None:
        """From the connection, or after an answer from the first byte; until then uvicorn's keep-alive timer runs."""
        if self._timer is None:
            self._timer = self.loop.call_later(self._limits.head_seconds, self.refuse, "head_slow", 408)
