"""Whether spans are wanted, by OpenTelemetry's own variables, and their end: sent off in bounded time."""

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from app.observability import log
from app.observability.tracing import OFF, Tracing

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider  # costs 20 MB; see _provider

PATIENCE = 3.0  # seconds that a stop waits for the last spans to be taken

_log = log.get(__name__)


class Unusable(Exception):
    """Spans are wanted, but cannot be sent; what to do, in one line."""


@asynccontextmanager
async def open_tracing(role: str, ca_file: Path | None = None) -> AsyncIterator[Tracing]:
    """Spans to where OTEL_EXPORTER_OTLP_ENDPOINT says, by default none; ``role`` is what this process does.

    What is wrong with the variables never keeps the service from its work: a warning says it.
    """
    try:
        provider = _provider(role, ca_file)
    except Unusable as error:
        _log.warning("tracing_not_started", problem=str(error))
        provider = None
    if provider is None:
        yield OFF
        return
    _log.info("tracing_started", role=role)
    try:
        yield Tracing(provider)
    finally:
        await _shut_down(provider)


def endpoint(variables: Mapping[str, str]) -> str | None:
    """Where spans go; None where none are wanted; raises Unusable.

    https://opentelemetry.io/docs/specs/otel/protocol/exporter/
    """
    given = {name: value.strip() for name, value in variables.items() if name.startswith("OTEL_") and value.strip()}
    url = given.get("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") or given.get("OTEL_EXPORTER_OTLP_ENDPOINT")
    exporter = given.get("OTEL_TRACES_EXPORTER", "otlp").lower()
    if url is None or exporter == "none" or given.get("OTEL_SDK_DISABLED", "").lower() == "true":
        return None
    if exporter != "otlp":
        raise Unusable("OTEL_TRACES_EXPORTER is neither otlp nor none, and no other exporter is supported")
    protocol = given.get("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL") or given.get("OTEL_EXPORTER_OTLP_PROTOCOL")
    if protocol not in {None, "http/protobuf"}:
        raise Unusable("OTEL_EXPORTER_OTLP_PROTOCOL must be http/protobuf, which collectors take on port 4318")
    if urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).hostname:
        raise Unusable("OTEL_EXPORTER_OTLP_ENDPOINT is not a URL (for example http://localhost:4318)")
    return url


def _provider(role: str, ca_file: Path | None) -> "TracerProvider | None":
    if endpoint(os.environ) is None:
        return None
    try:
        from app.observability.tracing import export  # noqa: PLC0415 -- idle memory: who wants no spans does not pay for them
    except ImportError as error:
        raise Unusable("the extra `otel` is not installed: pip install '.[otel]'") from error
    try:
        return export.provider(role, ca_file)
    except (ValueError, OSError) as error:
        raise Unusable(f"OpenTelemetry does not take its variables ({type(error).__name__})") from error


async def _shut_down(provider: "TracerProvider") -> None:
    """In a daemon thread: a collector that does not answer does not delay the process's end."""
    loop, done = asyncio.get_running_loop(), asyncio.Event()

    def shut_down() -> None:
        provider.shutdown()
        with suppress(RuntimeError):  # the loop has ended meanwhile
            loop.call_soon_threadsafe(done.set)

    Thread(target=shut_down, name="last spans", daemon=True).start()
    with suppress(TimeoutError):
        await asyncio.wait_for(done.wait(), PATIENCE)
