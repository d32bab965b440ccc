import itertools
import json

import pytest
import yaml

from tests.deploy.manifests import ROOT
from tests.deploy.promql import unknown
from tests.some import some

GRAFANA = ROOT / "deploy/monitoring/grafana"
DASHBOARD = json.loads((GRAFANA / "dashboards/callkeeper.json").read_text())
PANELS = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
VARIABLES = {variable["name"]: variable for variable in DASHBOARD["templating"]["list"]}
# What Grafana brings along, so that no plugin is installed.
BUILT_IN = {"row", "stat", "bargauge", "timeseries"}


def place(panel):
    at = panel["gridPos"]
    return {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}


def expressions():
    return [pytest.param(target["expr"], id=panel["title"]) for panel in PANELS for target in panel["targets"]]


@pytest.mark.anyio
async def test_every_series_of_the_dashboard_is_exported(known):
    wrong = {
        title: bad for expr, title in ((p.values[0], p.id) for p in expressions()) if (bad := unknown(expr, known))
    }
    assert wrong == {}


@pytest.mark.anyio
async def test_a_series_or_label_that_is_not_exported_would_be_seen(known):
    assert unknown("max(callkeeper_inbox_row)", known) == ["callkeeper_inbox_row"]
    assert unknown("max by (tenant) (callkeeper_inbox_rows)", known) == ["callkeeper_inbox_rows{tenant}"]
    assert unknown('callkeeper_inbox_rows{stat="due"}', known) == ["callkeeper_inbox_rows{stat}"]
    with pytest.raises(ValueError, match="invalid promql"):
        unknown("max by (callkeeper_inbox_rows)", known)


def test_panels_have_ids_of_their_own_and_do_not_overlap():
    ids = [panel["id"] for panel in DASHBOARD["panels"]]
    assert len(ids) == len(set(ids))
    for one, other in some(itertools.combinations(DASHBOARD["panels"], 2)):
        assert not place(one) & place(other), (one["title"], other["title"])
    assert {x for panel in DASHBOARD["panels"] for x, _ in place(panel)} == set(range(24))


@pytest.mark.parametrize("panel", PANELS, ids=lambda panel: panel["title"])
def test_each_panel_says_what_it_shows_in_which_unit_and_needs_no_plugin(panel):
    assert panel["description"]
    assert panel["fieldConfig"]["defaults"]["unit"]
    assert panel["type"] in BUILT_IN
    assert {target["datasource"]["uid"] for target in panel["targets"]} == {"${datasource}"}


def test_titles_are_distinguished():
    titles = [panel["title"] for panel in DASHBOARD["panels"]]
    assert len(titles) == len(set(titles))


@pytest.mark.anyio
async def test_the_tenant_is_chosen_among_those_that_are_exported(known):
    asked = VARIABLES["tenant"]["query"]["query"]
    series, label = asked.removeprefix("label_values(").removesuffix(")").split(", ")
    assert (series in known, label) == (True, "tenant")


def test_gauges_of_the_database_are_not_added_up_over_replicas():
    """Each web process tells the same rows; a sum of them would grow with the replicas."""
    sums = [target["expr"] for panel in PANELS for target in panel["targets"] if target["expr"].startswith("sum")]
    of_the_database = [
        target for target in sums if "callkeeper_inbox" in target or "callkeeper_records_stored" in target
    ]
    assert sums
    assert of_the_database == []


def test_grafana_finds_prometheus_and_the_dashboard_where_compose_puts_them():
    (source,) = yaml.safe_load((GRAFANA / "provisioning/datasources/prometheus.yml").read_text())["datasources"]
    assert (source["uid"], source["url"]) == ("prometheus", "http://prometheus:9090")
    assert VARIABLES["datasource"]["current"]["value"] == source["uid"]
    (provider,) = yaml.safe_load((GRAFANA / "provisioning/dashboards/callkeeper.yml").read_text())["providers"]
    assert provider["options"]["path"] == "/var/lib/grafana/dashboards"
