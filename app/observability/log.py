"""Log lines: a constant event name and fields, as JSON on a pipe and as coloured text on a terminal.

Each event is one line, also a library's message, a warning or an uncaught exception. events.py lists the event names.
A line has ids, counts, times and Graph's codes, never a token, a client state or a person's name.
"""

import asyncio
import logging
import re
import sys
import threading
import traceback
from collections.abc import MutableMapping
from typing import Any

from app.without_rich import without_rich

with without_rich():
    import structlog

Logger = structlog.stdlib.BoundLogger


def configure(level: str, style: str | None) -> None:
    """Send every log line, including those of libraries, to standard error."""
    style = style or ("console" if sys.stderr.isatty() else "json")
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    out = logging.StreamHandler(sys.stderr)
    out.setFormatter(
        structlog.stdlib.ProcessorFormatter(foreign_pre_chain=[*shared, _library], processors=_last(style))
    )
    root = logging.getLogger()
    root.handlers[:] = [out]
    root.setLevel(level.upper())
    logging.captureWarnings(capture=True)
    sys.excepthook, sys.unraisablehook, threading.excepthook = _crashed, _unraisable, _thread_crashed
    # Log lines of libraries contain URLs with ids or tokens in the query; their failures reach us as exceptions.
    for chatty in ("httpx", "httpcore", "aiohttp", "msal", "urllib3", "asyncio", "uvicorn", "alembic", "aiosqlite"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    # It logs at each failed batch; app/observability/tracing/export.py logs a failure once.
    logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)


def log_loop_error(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """The event loop's exception handler: one event instead of several lines that contain values."""
    error, said = context.get("exception"), str(context.get("message", ""))
    if "SSL protocol" in said:  # a stop or the peer cut a connection while it was being opened or closed
        _log.info("tls_connection_cut", error=type(error).__name__)
    else:
        message = re.split(r"[<(\n]", said)[0].strip()
        _log.error("event_loop_error", message=message, exc_info=error)


def _last(style: str) -> list[Any]:
    drop = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    if style == "console":
        return [drop, _without_values, structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())]
    return [drop, _without_values, structlog.processors.JSONRenderer()]


def _library(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Only the first line of a library's message, as a field: asyncio appends the repr of a task with its exception."""
    event["message"] = (str(event["event"]).splitlines() or [""])[0]
    event["logger"] = event["_record"].name
    event["event"] = "library"
    return event


def _without_values(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The types and code locations of an exception. Its message and variables may be personal or secret."""
    given = event.pop("exc_info", None)
    error = given if isinstance(given, BaseException) else given[1] if isinstance(given, tuple) else sys.exc_info()[1]
    if given and error is not None:
        event["exception"] = " caused by ".join(_location(one) for one in _chain(error))
    return event


def _chain(error: BaseException) -> list[BaseException]:
    chain: list[BaseException] = []
    following: BaseException | None = error
    while following is not None and following not in chain:
        chain.append(following)
        following = following.__cause__ or (None if following.__suppress_context__ else following.__context__)
    return chain


def _location(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    return " < ".join([type(error).__name__, *(f"{f.name} {f.filename}:{f.lineno}" for f in reversed(frames))])


def get(name: str) -> Logger:
    logger: Logger = structlog.stdlib.get_logger(name)
    return logger


def _crashed(kind: type[BaseException], error: BaseException, _: Any) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, error.__traceback__)
    else:
        _log.critical("crashed", exc_info=error)


def _thread_crashed(arguments: threading.ExceptHookArgs) -> None:
    _log.critical("thread_crashed", exc_info=arguments.exc_value)


def _unraisable(arguments: "sys.UnraisableHookArgs") -> None:
    _log.error("unraisable_error", exc_info=arguments.exc_value)


_log = get(__name__)
