import shutil
import subprocess

import pytest
import yaml

from tests.deploy.manifests import FOLDER, ROOT, of
from tests.deploy.promql import unknown
from tests.some import some

MONITORING = ROOT / "deploy/monitoring"
CONFIG = yaml.safe_load((MONITORING / "prometheus.yml").read_text())
ADAPTER = yaml.safe_load((FOLDER / "optional/prometheus-adapter.yaml").read_text())["rules"]["external"]


def rules():
    """Every rule of the files that Prometheus is told to load."""
    for name in CONFIG["rule_files"]:
        for group in yaml.safe_load((MONITORING / name).read_text())["groups"]:
            yield from group["rules"]


def asked():
    """The names that Prometheus looks up, with the port it asks there."""
    jobs = [job["dns_sd_configs"][0] for job in CONFIG["scrape_configs"]]
    return {(name, job["port"]) for job in jobs for name in job["names"]}


def test_every_container_that_counts_something_is_asked_at_its_port():
    assert asked() == {("web", 8000), ("worker", 9464), ("renew", 9464)}
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    for name, port in some(asked()):
        assert services[name]["command"][-1] == str(port) or str(port) in services[name]["command"], name


@pytest.mark.anyio
async def test_every_series_of_a_rule_is_exported(known):
    known |= {rule["record"]: None for rule in rules() if "record" in rule}
    assert {rule["expr"]: bad for rule in rules() if (bad := unknown(rule["expr"], known))} == {}


@pytest.mark.anyio
async def test_the_autoscalers_metric_is_one_that_the_adapter_makes_of_what_is_exported(known):
    (autoscaler,), (rule,) = of("HorizontalPodAutoscaler"), ADAPTER
    (metric,) = autoscaler["spec"]["metrics"]
    labels = metric["external"]["metric"]["selector"]["matchLabels"]
    assert metric["external"]["metric"]["name"] == rule["name"]["as"]
    matchers = ",".join(f'{label}="{value}"' for label, value in labels.items())
    query = rule["metricsQuery"].replace("<<.Series>>", rule["name"]["as"]).replace("<<.LabelMatchers>>", matchers)
    assert unknown(query, known) == []


@pytest.mark.skipif(
    not shutil.which("promtool"), reason="promtool is not installed (Debian: apt-get install prometheus)"
)
def test_prometheus_takes_its_configuration_and_its_rules():
    ended = subprocess.run(
        ["promtool", "check", "config", "prometheus.yml"], cwd=MONITORING, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
