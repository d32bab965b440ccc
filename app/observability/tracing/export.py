"""Everything that needs OpenTelemetry's SDK: who we are, and what of a span leaves the process.

Loaded only if tracing is on. All spans pass through a list of allowed attributes, also those of libraries:
FastAPI's own contain the raw query string and path, in which a cursor, a filter's name or a token may be.
"""

import os
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path
from uuid import uuid4

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.trace import Link, SpanContext, SpanKind, Status

from app.observability import log
from app.observability.tracing.spans import ALLOWED, SERVER

_log = log.get(__name__)


def provider(role: str, ca_file: Path | None) -> TracerProvider:
    """One that sends in the background, in batches, by OpenTelemetry's variables; it never waits for the collector."""
    own_file = any(os.environ.get(f"OTEL_EXPORTER_OTLP_{of}CERTIFICATE") for of in ("", "TRACES_"))
    sent = OTLPSpanExporter(certificate_file=str(ca_file) if ca_file and not own_file else None)
    made = TracerProvider(resource=resource(role), shutdown_on_exit=False)
    made.add_span_processor(BatchSpanProcessor(Allowed(sent)))
    return made


def resource(role: str) -> Resource:
    """Who sends; OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES have the last word."""
    ours = {
        "service.name": "callkeeper",
        "service.version": metadata.version("callkeeper"),
        "service.instance.id": str(uuid4()),
        "callkeeper.role": role,
    }
    return Resource.create(ours).merge(OTELResourceDetector().detect())


class Allowed(SpanExporter):
    """Sends spans on, stripped; says once that they are not taken, and once that they are again."""

    def __init__(self, onward: SpanExporter) -> None:
        self._onward = onward
        self._failing = False

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """In the thread of the batches, not in the event loop."""
        result = self._onward.export([stripped(span) for span in spans])
        if (failing := result is not SpanExportResult.SUCCESS) != self._failing:
            self._failing = failing
            if failing:
                _log.warning("spans_not_taken", spans=len(spans))
            else:
                _log.info("spans_taken_again")
        return result

    def shutdown(self) -> None:
        self._onward.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        return self._onward.force_flush(timeout_millis)


def stripped(span: ReadableSpan) -> ReadableSpan:
    """The span without events, messages, others' trace states, and attributes that are not on the list."""
    # The server is Graph for a request of ours; for one to us it is a Host header, in which anything may stand.
    allowed = ALLOWED - {SERVER} if span.kind is SpanKind.SERVER else ALLOWED
    return ReadableSpan(
        name=span.name,
        context=_plain(span.context),
        parent=_plain(span.parent),
        resource=span.resource,
        attributes={name: value for name, value in (span.attributes or {}).items() if name in allowed},
        links=[Link(context) for link in span.links if (context := _plain(link.context))],
        kind=span.kind,
        status=Status(span.status.status_code),
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )


def _plain(context: SpanContext | None) -> SpanContext | None:
    """A trace state is free text, written by the caller."""
    return context and SpanContext(context.trace_id, context.span_id, context.is_remote, context.trace_flags)
