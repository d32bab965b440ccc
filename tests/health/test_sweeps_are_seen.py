"""How far a sweep has come: in `callkeeper status`, in `/api/status` and in `/metrics`."""

from datetime import UTC, datetime, timedelta

import pytest

from app.cli.status import _lines
from app.fetch.reconciliation.progress import RECONCILE, Progress
from app.health.as_json import as_json
from app.health.gauges import Gauges
from app.health.readiness import Readiness
from app.health.tenant import Tenant

TENANT = "00000000-0000-4000-8000-00000000aaaa"
DAY = timedelta(days=1)


def a_sweep(**values):
    """A quarter of thirty days is listed."""
    now = datetime.now(UTC)
    since, position = now - 30 * DAY, now - 22.5 * DAY
    counts = {"listed": 1234, "queued": 56}
    return Progress(TENANT, RECONCILE, "here", now, since, None, position, now, **{**counts, **values})


def line(sweep):
    lines = dict(_lines(Tenant(TENANT, sweeps=[sweep]), datetime.now(UTC)))
    return lines.get("reconcile sweep")


def test_a_running_sweep_is_a_line_of_status():
    assert line(a_sweep()).startswith("25%, 1234 records listed, 56 queued; last progress ")


def test_a_sweep_that_ended_is_no_line_unless_graph_refused_its_window():
    ended = {"ended_at": datetime.now(UTC)}
    assert line(a_sweep(**ended)) is None
    assert "400 BadRequest" in line(a_sweep(refusal="Graph refused this (400 BadRequest)", **ended))


def test_programs_read_how_much_is_listed_and_whether_it_ended():
    (sweep,) = as_json(Tenant(TENANT, sweeps=[a_sweep()]))["sweeps"]
    assert (sweep["kind"], sweep["share"], sweep["listed"], sweep["queued"]) == ("reconcile", 0.25, 1234, 56)
    assert (sweep["ended_at"], sweep["refusal"]) == (None, None)


def test_prometheus_reads_the_share_and_the_records():
    samples = {
        sample.name: (sample.labels, sample.value)
        for metric in Gauges(Readiness([Tenant(TENANT, sweeps=[a_sweep()])], [])).collect()
        for sample in metric.samples
    }
    labels = {"tenant": TENANT, "kind": "reconcile"}
    assert samples["callkeeper_sweep_progress_ratio"] == (labels, pytest.approx(0.25, abs=0.001))
    assert samples["callkeeper_sweep_listed_records"] == (labels, 1234)
