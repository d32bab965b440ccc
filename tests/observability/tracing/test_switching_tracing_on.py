"""OpenTelemetry's own variables decide; without them nothing is loaded, and no collector holds anything up."""

import json
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from time import monotonic

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace.export import SpanExportResult
from structlog.testing import capture_logs

from app.observability.tracing import OFF, export, start
from app.observability.tracing.start import Unusable, endpoint, open_tracing

pytestmark = pytest.mark.anyio
BASE = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"}
TRACES = {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "https://collector.example/v1/traces"}


@pytest.mark.parametrize(
    ("variables", "url"),
    [
        ({}, None),
        ({"OTEL_SERVICE_NAME": "calls"}, None),
        (BASE, "http://127.0.0.1:4318"),
        (BASE | TRACES, "https://collector.example/v1/traces"),
        (BASE | {"OTEL_SDK_DISABLED": "True"}, None),
        (BASE | {"OTEL_TRACES_EXPORTER": "none"}, None),
        (BASE | {"OTEL_TRACES_EXPORTER": ""}, "http://127.0.0.1:4318"),
        (BASE | {"OTEL_TRACES_EXPORTER": "otlp"}, "http://127.0.0.1:4318"),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "  "}, None),
    ],
)
def test_whether_spans_are_wanted(variables, url):
    assert endpoint(variables) == url


@pytest.mark.parametrize(
    ("variables", "name"),
    [
        (BASE | {"OTEL_TRACES_EXPORTER": "zipkin"}, "OTEL_TRACES_EXPORTER"),
        (BASE | {"OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, "OTEL_EXPORTER_OTLP_PROTOCOL"),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "collector:4318"}, "OTEL_EXPORTER_OTLP_ENDPOINT"),
    ],
)
def test_what_cannot_be_done_is_said(variables, name):
    with pytest.raises(Unusable, match=name):
        endpoint(variables)


@pytest.fixture
def variables(monkeypatch):
    for name, value in BASE.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


async def test_off_by_default():
    async with open_tracing("serve") as tracing:
        assert tracing is OFF


def test_by_default_nothing_but_the_api_is_loaded():
    program = "import app.runtime.serve, app.runtime.worker_process, sys; print([n for n in sys.modules if n.startswith(('opentelemetry.sdk', 'opentelemetry.exporter'))])"
    assert subprocess.check_output([sys.executable, "-c", program], text=True).strip() == "[]"


async def test_without_the_extra_one_warning_says_what_to_install(variables):
    variables.setitem(sys.modules, "app.observability.tracing.export", None)  # as if what it needs were not there
    variables.delattr("app.observability.tracing.export")
    with capture_logs() as logs:
        async with open_tracing("serve") as tracing:
            assert tracing is OFF
    (entry,) = logs
    assert (entry["event"], entry["log_level"]) == ("tracing_not_started", "warning")
    assert "pip install '.[otel]'" in entry["problem"]


@pytest.mark.parametrize(
    ("given", "name"), [({}, "callkeeper"), ({"OTEL_SERVICE_NAME": "calls"}, "calls"), ({"OTEL_RESOURCE_ATTRIBUTES": "service.name=calls"}, "calls")]
)  # fmt: skip
def test_the_service_has_a_name_that_can_be_changed(variables, given, name):
    for variable, value in given.items():
        variables.setenv(variable, value)
    attributes = export.resource("worker").attributes
    assert (attributes["service.name"], attributes["callkeeper.role"]) == (name, "worker")
    assert attributes["service.version"]


class Collector:
    """An OTLP collector on a port of this machine; a slow one takes its time for each batch."""

    def __init__(self, slow=None):
        collector = self
        self.spans = []

        class Answer(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if slow:
                    slow.wait(30)
                for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
                    collector.spans += [span.name for scope in resource.scope_spans for span in scope.spans]
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_): ...

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self):
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def collector():
    collector = Collector()
    yield collector
    collector.close()


async def test_the_last_spans_are_sent_before_the_end(variables, collector):
    variables.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url)
    async with open_tracing("serve") as tracing:
        with tracing.span("fetch"):
            pass
    assert collector.spans == ["fetch"]


async def test_a_collector_that_is_not_there_holds_up_no_stop(variables):
    variables.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")  # nobody listens
    variables.setattr(start, "PATIENCE", 0.3)
    async with open_tracing("serve") as tracing:
        with tracing.span("fetch"):
            pass
        ending = monotonic()
    assert monotonic() - ending < 5  # the exporter alone would wait for 10 s


def test_that_spans_are_not_taken_is_said_once(left):
    answers = iter(
        [SpanExportResult.FAILURE, SpanExportResult.FAILURE, SpanExportResult.SUCCESS, SpanExportResult.SUCCESS]
    )
    left.memory.export = lambda _: next(answers)
    exporter = export.Allowed(left.memory)
    with capture_logs() as logs:
        for _ in range(4):
            exporter.export([])
    assert [entry["event"] for entry in logs] == ["spans_not_taken", "spans_taken_again"]


def test_serve_sends_its_spans_to_the_collector(collector, tmp_path):
    """A whole process, without Graph: what leaves it at least is its looking after the subscription."""
    settings = {
        "AZURE_TENANT_ID": "00000000-0000-4000-8000-00000000aaaa",
        "AZURE_CLIENT_ID": "00000000-0000-4000-8000-00000000cccc",
        "AZURE_CLIENT_SECRET": "s3cret",
        "AZURE_AUTHORITY_HOST": "http://127.0.0.1:9",
        "GRAPH_BASE_URL": "http://127.0.0.1:9",
        "PUBLIC_URL": "http://127.0.0.1:1",
        "DATABASE_URL": f"sqlite:///{tmp_path}/callkeeper.db",
        "LOG_FORMAT": "json",
        "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
    }
    command = [sys.executable, "-m", "app", "subscriptions", "ensure"]
    ended = subprocess.run(command, env=settings, capture_output=True, text=True, timeout=60)  # noqa: PLW1510
    assert ended.returncode == 1
    assert "subscription ensure" in collector.spans
    events = [json.loads(line)["event"] for line in ended.stderr.splitlines() if line.startswith("{")]
    assert "tracing_not_started" not in events
