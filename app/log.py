"""Log lines: a constant event name and fields, as JSON on a pipe and in colours on a terminal.

Never a token, a client state or a person's name: what is logged are ids, counts, times and Graph's own codes.
"""

import logging
import sys
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
    out.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=_last(style)))
    root = logging.getLogger()
    root.handlers[:] = [out]
    root.setLevel(level.upper())
    # The libraries' own lines hold URLs with ids or tokens in their query; their failures reach us as exceptions.
    for chatty in ("httpx", "httpcore", "aiohttp", "msal", "urllib3", "asyncio", "uvicorn", "alembic", "aiosqlite"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def _last(style: str) -> list[Any]:
    drop = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    if style == "console":
        return [drop, structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())]
    return [drop, structlog.processors.dict_tracebacks, structlog.processors.JSONRenderer()]


def get(name: str) -> Logger:
    logger: Logger = structlog.stdlib.get_logger(name)
    return logger
