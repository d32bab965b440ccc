"""Log lines: a constant event name and fields, as JSON on a pipe and in colours on a terminal.

Never a token, a client state or a person's name: what is logged are ids, counts, times and Graph's own codes.
"""

import logging
import sys
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
        structlog.stdlib.ProcessorFormatter(foreign_pre_chain=[*shared, _first_line], processors=_last(style))
    )
    root = logging.getLogger()
    root.handlers[:] = [out]
    root.setLevel(level.upper())
    # The libraries' own lines hold URLs with ids or tokens in their query; their failures reach us as exceptions.
    for chatty in ("httpx", "httpcore", "aiohttp", "msal", "urllib3", "asyncio", "uvicorn", "alembic", "aiosqlite"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def _last(style: str) -> list[Any]:
    drop = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    if style == "console":
        return [drop, _without_values, structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())]
    return [drop, _without_values, structlog.processors.JSONRenderer()]


def _first_line(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Of a library's message only its headline: asyncio appends the repr of a task, with its exception's text."""
    event["event"] = (str(event["event"]).splitlines() or [""])[0]
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
