"""Spans for OpenTelemetry. Without a provider, a span does nothing.

The provider is passed down like the counters and is not OpenTelemetry's global one: spans of libraries go nowhere, and
tests can run side by side. Only the API is imported here; `start` loads the SDK, and only if tracing is configured.
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
from opentelemetry.trace import NonRecordingSpan as RemoteSpan
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator as TraceContext

__all__ = ["OFF", "Span", "SpanContext", "SpanKind", "Tracing", "failed"]

Attributes = Mapping[str, str | int | bool]
Spanning = AbstractContextManager[Span]

_NOTHING: Spanning = nullcontext(INVALID_SPAN)


class Tracing:
    """``with tracing.span("fetch", {…}) as span:`` An exception sets its type in the span, never its message."""

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
        """A child of the current span, or a new trace if ``root``."""
        if self._tracer is None:
            return _NOTHING
        return self._begun(name, attributes, kind, [], Context() if root else None)

    def after(self, traceparent: str | None, name: str, attributes: Attributes) -> Spanning:
        """A new trace for work that was requested earlier, perhaps by another process, linked to that request."""
        if self._tracer is None:
            return _NOTHING
        return self._begun(name, attributes, SpanKind.CONSUMER, _links(traceparent), Context())

    def joint(self, name: str, origins: Sequence[SpanContext | None], attributes: Attributes | None = None) -> Spanning:
        """A span of work for several origins: a child of the first origin's span, linked to the others."""
        if self._tracer is None:
            return _NOTHING
        known = [origin for origin in origins if origin]
        within = set_span_in_context(RemoteSpan(known[0]), Context()) if known else Context()
        return self._begun(name, attributes, SpanKind.INTERNAL, [Link(other) for other in known[1:]], within)

    def past(self, name: str, began: int, attributes: Attributes) -> None:
        """A span that ends now; ``began`` is `time.time_ns()` at its start."""
        if self._tracer is not None:
            self._tracer.start_span(name, context=Context(), start_time=began, attributes=attributes).end()

    def current(self) -> SpanContext | None:
        """The current span if it is sampled, else None."""
        if self._tracer is None:
            return None
        context = get_current_span().get_span_context()
        return context if context.is_valid and context.trace_flags.sampled else None

    def traceparent(self) -> str | None:
        """The current span as a W3C traceparent, for a later link, perhaps in another process."""
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
    """Mark the span as failed with the type of the error only: a message may contain a person's name or a secret."""
    span.set_attribute("error.type", kind)
    span.set_status(StatusCode.ERROR)


def _links(traceparent: str | None) -> list[Link]:
    if not traceparent:
        return []
    context = get_current_span(TraceContext().extract({"traceparent": traceparent}, Context())).get_span_context()
    return [Link(context)] if context.is_valid else []


OFF = Tracing()
