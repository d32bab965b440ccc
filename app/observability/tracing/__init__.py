"""Spans of what is done, for OpenTelemetry: made where a provider was handed down, and nothing at all where none was.

Handed down like the counters, not OpenTelemetry's global: what a library would say on its own then goes nowhere, and
tests stand side by side. Only the API is imported here; `start` loads the rest, and only where spans are wanted.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext

from opentelemetry.context import Context
from opentelemetry.trace import (
    INVALID_SPAN,
    Link,
    Span,
    SpanContext,
    SpanKind,
    StatusCode,
    TracerProvider,
    get_current_span,
    set_span_in_context,
)
from opentelemetry.trace import NonRecordingSpan as Remembered
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator as TraceContext

__all__ = ["OFF", "Span", "SpanContext", "SpanKind", "Tracing", "failed"]

Attributes = Mapping[str, str | int | bool]
Spanning = AbstractContextManager[Span]

_NOTHING: Spanning = nullcontext(INVALID_SPAN)


class Tracing:
    """``with tracing.span("fetch", {…}) as span:`` An exception leaves its kind in the span, never its message."""

    def __init__(self, provider: TracerProvider | None = None) -> None:
        self.provider = provider
        self._tracer = provider.get_tracer("callkeeper") if provider else None

    def span(
        self,
        name: str,
        attributes: Attributes | None = None,
        *,
        kind: SpanKind = SpanKind.INTERNAL,
        root: bool = False,
    ) -> Spanning:
        """A span within the one that is current, unless it is a ``root``."""
        if self._tracer is None:
            return _NOTHING
        return self._begun(name, attributes, kind, [], Context() if root else None)

    def after(self, traceparent: str | None, name: str, attributes: Attributes) -> Spanning:
        """What was asked for earlier, perhaps in another process: a trace of its own, linked to who asked."""
        if self._tracer is None:
            return _NOTHING
        return self._begun(name, attributes, SpanKind.CONSUMER, _links(traceparent), Context())

    def joint(self, name: str, origins: Sequence[SpanContext | None], attributes: Attributes | None = None) -> Spanning:
        """What is done for several at once: within the first one's span, linked to those of the others."""
        if self._tracer is None:
            return _NOTHING
        known = [origin for origin in origins if origin]
        within = set_span_in_context(Remembered(known[0]), Context()) if known else Context()
        return self._begun(name, attributes, SpanKind.INTERNAL, [Link(other) for other in known[1:]], within)

    def past(self, name: str, began: int, attributes: Attributes) -> None:
        """A span of what is over already; ``began`` is `time.time_ns()` of then."""
        if self._tracer is not None:
            self._tracer.start_span(name, context=Context(), start_time=began, attributes=attributes).end()

    def current(self) -> SpanContext | None:
        """The current span, if there is one that is sampled."""
        if self._tracer is None:
            return None
        context = get_current_span().get_span_context()
        return context if context.is_valid and context.trace_flags.sampled else None

    def traceparent(self) -> str | None:
        """The current span as W3C writes it, to be linked to later, perhaps in another process."""
        at = self.current()
        return at and f"00-{at.trace_id:032x}-{at.span_id:016x}-{at.trace_flags:02x}"

    @contextmanager
    def _begun(
        self, name: str, attributes: Attributes | None, kind: SpanKind, links: Sequence[Link], within: Context | None
    ) -> Iterator[Span]:
        assert self._tracer is not None
        with self._tracer.start_as_current_span(
            name, within, kind, attributes, links, record_exception=False, set_status_on_exception=False
        ) as span:
            try:
                yield span
            except BaseException as error:
                failed(span, type(error).__name__)
                raise


def failed(span: Span, kind: str) -> None:
    """Mark it; messages may hold a person's name or a secret, so only the error's type is sent."""
    span.set_attribute("error.type", kind)
    span.set_status(StatusCode.ERROR)


def _links(traceparent: str | None) -> list[Link]:
    if not traceparent:
        return []
    context = get_current_span(TraceContext().extract({"traceparent": traceparent}, Context())).get_span_context()
    return [Link(context)] if context.is_valid else []


OFF = Tracing()
