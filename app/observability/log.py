"""Log lines: a constant event name and fields, as JSON on a pipe and in colours on a terminal.

One event is one line, also from a library, a warning or an uncaught error. events.py lists all event names.
Never a token, a client state or a person's name: what is logged are ids, counts, times and Graph's own codes.
"""

import asyncio
import logging
import re
import sys
import threading
import traceback
from collections.abc import MutableMapping
from typing import Any

import structlog

Logger = structlog.stdlib.BoundLogger


def configure(level: str, style: str | None) -> None:
    """Send every log line, the libraries' too, to standard error."""
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
    # The libraries' own lines hold URLs with ids or tokens in their query; their failures reach us as exceptions.
    for chatty in ("httpx", "httpcore", "aiohttp", "msal", "urllib3", "asyncio", "uvicorn", "alembic", "aiosqlite"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    logging.getLogger("opentelemetry").setLevel(
        logging.CRITICAL
    )  # at each batch; app/observability/tracing/export.py says it once


def tell_of_loop(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """The event loop's exception handler: one event for what otherwise is several lines with values in them."""
    error, said = context.get("exception"), str(context.get("message", ""))
    if "SSL protocol" in said:  # a stop or the other side cut a connection while it was being made or closed
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
    """A library's message is no event name: it becomes a field, and of it only the headline, because asyncio appends
    the repr of a task, with its exception's text.
    """
    event["message"] = (str(event["event"]).splitlines() or [""])[0]
    event["logger"] = event["_record"].name
    event["event"] = "library"
    return event


def _without_values(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """An exception's kinds and places, not its message nor its variables, which may be a person's or a secret."""
    given = event.pop("exc_info", None)
    error = given if isinstance(given, BaseException) else given[1] if isinstance(given, tuple) else sys.exc_info()[1]
    if given and error is not None:
        event["exception"] = " caused by ".join(_places(one) for one in _chain(error))
    return event


def _chain(error: BaseException) -> list[BaseException]:
    chain: list[BaseException] = []
    following: BaseException | None = error
    while following is not None and following not in chain:
        chain.append(following)
        following = following.__cause__ or (None if following.__suppress_context__ else following.__context__)
    return chain


def _places(error: BaseException) -> str:
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


def _thread_crashed(told: threading.ExceptHookArgs) -> None:
    _log.critical("thread_crashed", exc_info=told.exc_value)


def _unraisable(told: "sys.UnraisableHookArgs") -> None:
    _log.error("unraisable_error", exc_info=told.exc_value)


_log = get(__name__)
