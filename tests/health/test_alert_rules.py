"""deploy/monitoring/alerts.yml: every rule can be read, speaks of what is exported, and leads to what to do."""

import re
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml
from prometheus_client import CollectorRegistry, generate_latest

from app.health.gauges import Gauges
from app.health.readiness import Readiness
from app.health.rules import REASONS
from app.health.tenant import Tenant
from app.observability.metrics import Metrics
from tests.deploy.promql import exported, unknown
from tests.docs import pages

ROOT = Path(__file__).parents[2]
MONITORING = ROOT / "deploy" / "monitoring"
PAGE = ROOT / "docs" / "monitoring.md"
RULES = [rule for group in yaml.safe_load((MONITORING / "alerts.yml").read_text())["groups"] for rule in group["rules"]]
PROMTOOL = shutil.which("promtool")
each_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])


@pytest.fixture(scope="module")
def known():
    """What a process that has counted everything once tells Prometheus."""
    metrics, now, registry = Metrics(), datetime.now(UTC), CollectorRegistry()
    metrics.observe_graph("call_record", 200, 0.1)
    metrics.fetches.labels(outcome="stored").inc()
    metrics.renewals.labels(action="kept").inc()
    tenant = Tenant(
        "t", expires_at=now, notified_at=now, stored_at=now, reconciled_at=now, normal_silence=timedelta(hours=3)
    )
    registry.register(Gauges(Readiness([tenant], [])))
    return exported((generate_latest(metrics.registry) + generate_latest(registry)).decode())


@each_rule
def test_a_rule_speaks_of_nothing_that_is_not_exported(rule, known):
    assert unknown(rule["expr"], known) == []


@each_rule
def test_a_rule_says_how_bad_it_is_what_is_wrong_and_what_to_do(rule):
    assert rule["labels"]["severity"] in {"critical", "warning"}
    assert set(rule["annotations"]) == {"summary", "description", "runbook_url"}
    page, _, anchor = rule["annotations"]["runbook_url"].partition("#")
    assert (ROOT / page, anchor) == (PAGE, rule["alert"].lower())


def test_each_reason_has_a_rule():
    asked = {found for rule in RULES for found in re.findall(r'not_ready\{reason="(\w+)"\}', rule["expr"])}
    assert asked == set(REASONS)


def test_the_page_explains_each_rule_and_each_reason_and_no_other():
    headings = re.findall(r"^### (Callkeeper\w+)$", PAGE.read_text(), re.MULTILINE)
    assert headings == [rule["alert"] for rule in RULES]
    reasons = re.findall(
        r"^\| `(\w+)` \|", PAGE.read_text().partition("## Reasons")[2].partition("\n## ")[0], re.MULTILINE
    )
    assert tuple(reasons) == REASONS


def test_the_page_names_no_metric_that_is_not_exported(known):
    named = set(re.findall(r"`(callkeeper_\w+)", PAGE.read_text()))
    families = {name.removesuffix("_bucket") for name in known}
    assert named
    assert named - set(known) - families == set()


def test_each_rule_has_a_case_in_which_it_fires_and_one_in_which_it_is_quiet():
    cases = [
        c for t in yaml.safe_load((MONITORING / "alerts_test.yml").read_text())["tests"] for c in t["alert_rule_test"]
    ]
    names = {rule["alert"] for rule in RULES}
    assert {case["alertname"] for case in cases if case["exp_alerts"]} == names
    assert {case["alertname"] for case in cases if not case["exp_alerts"]} == names


@pytest.mark.slow
@pytest.mark.skipif(PROMTOOL is None, reason="promtool is not installed (Debian: prometheus)")
def test_promtool_agrees():
    """The commands of the page, as they stand there."""
    (block,) = (block for block in pages.blocks("docs/monitoring.md") if "promtool" in block.text)
    for command in [*block.text.splitlines(), "promtool check config deploy/monitoring/prometheus.yml"]:
        ended = subprocess.run(command.split(), cwd=ROOT, capture_output=True, text=True, check=False)
        assert ended.returncode == 0, ended.stdout + ended.stderr
