"""`worker --port` and `subscriptions ensure --every … --port`: whoever watches them asks their own event loop."""

import json
import signal
import subprocess
import sys

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.flow.programs import Fork
from tests.flow.service import NO_SWEEPS, free_port
from tests.waiting import until

pytestmark = pytest.mark.anyio

RENEW = ("subscriptions", "ensure", "--every", "6h")


class Spoken(Fork):
    """One that also speaks to people."""

    def events(self, name=None):
        lines = [json.loads(line) for line in self.text().splitlines() if line.startswith("{")]
        return [event for event in lines if name in (None, event["event"])]


async def asked(port, path="/healthz", **options):
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=2) as client:
            return await client.request(options.get("method", "GET"), path)
    except httpx.TransportError:
        return None


async def counted(port, name, **labels):
    text = (await asked(port, "/metrics")).text
    samples = [s for family in text_string_to_metric_families(text) for s in family.samples]
    return sum(s.value for s in samples if s.name == name and labels.items() <= s.labels.items())


@pytest.fixture(params=[("worker",), RENEW], ids=["worker", "renewal"])
async def program(request, start, database_url, world):
    """One that listens, and its port."""
    world.faults.add(NO_SWEEPS)
    port = free_port()
    program = start(*request.param, "--port", str(port), database_url=database_url, kind=Spoken)
    await until(lambda: asked(port), details=program.text)
    return program, port


async def test_it_says_that_it_lives_and_nothing_else_is_there(program):
    _, port = program
    assert (await asked(port)).text == "ok"
    assert (await asked(port, "/api/calls")).status_code == 404
    assert (await asked(port, method="POST")).status_code == 405


async def test_it_stops_in_order_at_a_signal(program):
    program, port = program
    program.send(signal.SIGTERM)
    assert await program.ended() == 0
    assert await asked(port) is None


async def test_a_process_that_hangs_does_not_say_that_it_lives(program):
    program, port = program
    program.send(signal.SIGSTOP)
    assert await asked(port) is None
    program.send(signal.SIGCONT)
    assert (await asked(port)).status_code == 200


async def test_the_worker_counts_what_it_asks_of_graph(hands, world, start, database_url):
    world.faults.add(NO_SWEEPS)
    port = free_port()
    (call,) = await world.make_calls(put={"notify": False})
    await hands.notice(call)
    worker = start("worker", "--port", str(port), database_url=database_url, kind=Spoken)
    await until(lambda: hands.held(call), details=worker.text)
    await until(lambda: counted(port, "callkeeper_fetches_total", outcome="stored"))
    assert await counted(port, "callkeeper_graph_requests_total", status="200") >= 1


async def test_renewals_that_fail_are_counted_where_they_are_tried(start, database_url):
    port = free_port()
    renew = start(*RENEW, "--port", str(port), database_url=database_url, kind=Spoken)  # nothing answers at PUBLIC_URL
    await until(lambda: asked(port), details=renew.text)
    await until(lambda: counted(port, "callkeeper_subscription_checks_total", action="failed"), details=renew.text)


def test_neither_imports_the_web_application():
    code = "import sys, app.cli, app.runtime.worker_process, app.cli.subscriptions; sys.exit('fastapi' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
