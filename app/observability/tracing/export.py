"""Everything that needs OpenTelemetry's SDK: the resource of this process, and the export of spans.

Loaded only if tracing is configured. Only allowed attributes are exported, also of spans made by libraries: FastAPI's
spans contain the raw path and query string, which may have a cursor, a name or a token in them.
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
    """A provider that sends batches in the background, configured by OpenTelemetry's variables; it never blocks."""
    has_own_file = any(os.environ.get(f"OTEL_EXPORTER_OTLP_{of}CERTIFICATE") for of in ("", "TRACES_"))
    sent = OTLPSpanExporter(certificate_file=str(ca_file) if ca_file and not has_own_file else None)
    made = TracerProvider(resource=resource(role), shutdown_on_exit=False)
    made.add_span_processor(BatchSpanProcessor(Allowed(sent)))
    return made


def resource(role: str) -> Resource:
    """The resource attributes; OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES override ours."""
    ours = {
        "service.name": "callkeeper",
        "service.version": metadata.version("callkeeper"),
        "service.instance.id": str(uuid4()),
        "callkeeper.role": role,
    }
    return Resource.create(ours).merge(OTELResourceDetector().detect())


class Allowed(SpanExporter):
    """Forwards spans with allowed attributes only; logs once when spans are refused and once when accepted again."""

    def __init__(self, onward: SpanExporter) -> None:
        self._onward = onward
        self._failing = False

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Runs in the thread of the batch processor, not in the event loop."""
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
    """The span without events, messages, trace states, and attributes that are not allowed."""
    # For our own requests the server is Graph; for incoming requests it is the Host header, which may be anything.
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
    """The context without its trace state, which is free text of the caller."""
    return context and SpanContext(context.trace_id, context.span_id, context.is_remote, context.trace_flags)
