"""The pieces of a running service in this process, with spans kept in memory as they would leave it."""

from contextlib import asynccontextmanager

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from app.access.audit import Audit
from app.observability.metrics import Metrics
from app.observability.tracing import Tracing
from app.observability.tracing.export import Allowed, resource
from app.web import app as web
from app.web.auth.callers import Keys
from app.web.auth.wrong_keys import WrongKeys
from app.web.context import Context
from app.web.webhook.receiver import Receiver
from tests.flow.conftest import ca_file, hands, key, running, world  # noqa: F401 -- fixtures of the simulated Graph
from tests.flow.hands import hands as make_hands
from tests.web.application import KEY, calling


class Left:
    """The spans that left the process."""

    def __init__(self):
        self.memory = InMemorySpanExporter()
        provider = TracerProvider(resource=resource("tests"), shutdown_on_exit=False)
        provider.add_span_processor(SimpleSpanProcessor(Allowed(self.memory)))
        self.tracing = Tracing(provider)

    def all(self, name=None):
        return [span for span in self.memory.get_finished_spans() if name in (None, span.name)]

    def one(self, name):
        (span,) = self.all(name)
        return span


@pytest.fixture
def left():
    return Left()


@pytest.fixture
async def traced_hands(database, running, ca_file, left):  # noqa: F811
    async with make_hands(database, running, ca_file, tracing=left.tracing) as made:
        yield made


@asynccontextmanager
async def a_door(database, tracing, tenant_id):
    """A client of the whole application, with the static key."""
    metrics = Metrics()
    async with Receiver(database, [tenant_id], metrics, tracing=tracing) as receiver, Audit(database) as audit:
        context = Context(database, (tenant_id,), Keys(KEY, None), metrics, audit, WrongKeys(metrics))
        async with calling(web.make(context, receiver, metrics, tracing), key=KEY) as client:
            yield client


@pytest.fixture
async def client(database, running, left):  # noqa: F811
    async with a_door(database, left.tracing, running.world.tenant_id) as client:
        yield client
