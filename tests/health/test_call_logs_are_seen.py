"""Whether the PSTN and Direct Routing logs are read: in `status`, `/api/status`, `/metrics` and `doctor`."""

from datetime import UTC, datetime, timedelta

import pytest

from app.cli.status import _lines
from app.doctor import call_logs
from app.health.as_json import as_json
from app.health.gauges import Gauges
from app.health.readiness import Readiness
from app.health.tenant import Tenant, tenant_states
from app.telephony.sync import progress
from app.telephony.sync.overview import LogState

TENANT = "00000000-0000-4000-8000-00000000aaaa"
NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
READ = LogState(TENANT, "pstn", "read", NOW - HOUR)
FAILING = LogState(TENANT, "direct_routing", "failing", NOW - 5 * HOUR, NOW, "Graph is not available (503)")
REFUSED = LogState(TENANT, "pstn", "not_permitted", None, NOW, "Graph refused this (403 )")


def test_status_has_a_line_for_each_log():
    lines = dict(_lines(Tenant(TENANT, call_logs=[REFUSED, FAILING]), NOW))
    assert lines["pstn log"] == "never read; not permitted: Graph refused this (403 )"
    assert lines["direct routing log"].startswith("read 5 h ago; failed ")
    assert [log["state"] for log in as_json(Tenant(TENANT, call_logs=[READ, FAILING]))["call_logs"]] == [
        "read",
        "failing",
    ]


def test_prometheus_reads_the_age_and_the_refusal_of_each_log():
    samples = {
        (sample.name, sample.labels.get("log")): sample.value
        for metric in Gauges(Readiness([Tenant(TENANT, call_logs=[REFUSED, FAILING])], [])).collect()
        for sample in metric.samples
    }
    assert samples["callkeeper_call_log_refused", "pstn"] == 1
    assert samples["callkeeper_call_log_refused", "direct_routing"] == 0
    assert samples["callkeeper_call_log_failing", "direct_routing"] == 1
    age = datetime.now(UTC) - (NOW - 5 * HOUR)
    assert samples["callkeeper_call_log_last_read_seconds", "direct_routing"] == pytest.approx(
        age.total_seconds(), abs=600
    )
    assert ("callkeeper_call_log_last_read_seconds", "pstn") not in samples


FINDINGS = {
    "without a schedule": ([REFUSED], None, "ok", "PSTN_EVERY is not set"),
    "nothing was read": ([], HOUR, "warning", "no log was read yet"),
    "a refusal is the worst": ([FAILING, REFUSED], HOUR, "failed", "403"),
    "an old reading": ([READ, FAILING], HOUR, "warning", "503"),
    "within three intervals": ([READ, FAILING], 2 * HOUR, "ok", "the PSTN log was read"),
}


def test_doctor_judges_the_permission_and_the_age(subtests):
    for name, (logs, every, state, found) in FINDINGS.items():
        with subtests.test(name):
            check = call_logs.check(Tenant(TENANT, call_logs=logs), every, NOW)
            assert (check.state, found in check.found) == (state, True)


@pytest.mark.anyio
async def test_the_state_of_a_tenant_has_the_logs_that_were_asked_for(database):
    async with database.begin() as db:
        await progress.save_state(db, TENANT, "pstn", read_at=NOW)
        await progress.save_state(db, TENANT, "direct_routing", refused_at=NOW, failed_at=NOW, error="no")
    [state] = await tenant_states(database, [TENANT])
    assert [(log.kind, log.state) for log in state.call_logs] == [("direct_routing", "not_permitted"), ("pstn", "read")]
