import tomllib

import kubernetes_validate
import pytest
import yaml

from tests.deploy.manifests import ALL, APPLIED, FOLDER, MAKERS, ROOT, container, name, of, selected, template
from tests.some import some

# What the manifests ask of a cluster (the sleep of preStop is the youngest thing), and the newest that is known.
VERSIONS = ["1.32", kubernetes_validate.latest_version()]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("found", ALL, ids=name)
def test_each_manifest_fits_the_schema_of_kubernetes_strictly(found, version):
    kubernetes_validate.validate(found, version, strict=True)


def test_a_misspelt_field_would_not_pass():
    (web,) = [found for found in of("Deployment") if found["metadata"]["name"] == "callkeeper-web"]
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(web | {"spec": web["spec"] | {"replica": 2}}, VERSIONS[0], strict=True)


def test_all_that_was_promised_is_there():
    kinds = {found["kind"] for found in APPLIED}
    assert kinds >= {"Namespace", "Deployment", "CronJob", "Job", "PodDisruptionBudget", "HorizontalPodAutoscaler"}
    assert kinds >= {"NetworkPolicy", "ServiceAccount", "ConfigMap", "Service"}
    assert not kinds & {"Secret", "Ingress"}  # with made-up values they would do harm


def test_every_object_is_named_once_and_lives_in_our_namespace():
    names = [name(found) for found in ALL]
    assert len(names) == len(set(names))
    (namespace,) = of("Namespace")
    for found in ALL:
        if found is not namespace:
            assert found["metadata"]["namespace"] == namespace["metadata"]["name"], name(found)


@pytest.mark.parametrize("found", [*of("Deployment"), *of("PodDisruptionBudget")], ids=name)
def test_a_selector_finds_pods_of_one_kind(found):
    assert len(selected(found["spec"]["selector"]["matchLabels"])) == 1


@pytest.mark.parametrize("found", of("Deployment"), ids=name)
def test_a_deployment_selects_its_own_pods_and_spreads_them(found):
    labels = found["spec"]["selector"]["matchLabels"]
    assert selected(labels) == [template(found)]
    spread = template(found)["spec"]["topologySpreadConstraints"]
    assert [one["labelSelector"]["matchLabels"] for one in spread] == [labels] * len(spread)


def test_the_service_leads_to_a_port_that_web_opens():
    (service,) = [found for found in of("Service") if "selector" in found["spec"]]
    (web,) = selected(service["spec"]["selector"])
    opened = {port["name"] for port in web["spec"]["containers"][0]["ports"]}
    assert {port["targetPort"] for port in service["spec"]["ports"]} <= opened


def test_the_ingress_leads_to_web_and_what_asks_for_no_key_is_not_reachable():
    (ingress,) = of("Ingress")
    services = {service["metadata"]["name"]: service["spec"] for service in of("Service")}
    led = {}
    for path in some(ingress["spec"]["rules"][0]["http"]["paths"]):
        backend = path["backend"]["service"]
        assert backend["port"]["name"] in {port["name"] for port in services[backend["name"]]["ports"]}
        led[path["path"], path["pathType"]] = "selector" in services[backend["name"]]
    assert led == {("/", "Prefix"): True, ("/metrics", "Exact"): False, ("/readyz", "Exact"): False}


@pytest.mark.parametrize("found", of("NetworkPolicy"), ids=name)
def test_a_network_policy_speaks_of_pods_and_ports_that_are_there(found):
    pods = selected(found["spec"]["podSelector"].get("matchLabels", {}))
    assert pods
    ports = {port["name"] for pod in pods for port in pod["spec"]["containers"][0].get("ports", [])}
    named = {port["port"] for rule in found["spec"].get("ingress", []) for port in rule["ports"]}
    assert named <= ports


def test_what_no_policy_names_is_closed_for_every_pod():
    (closed,) = [found for found in of("NetworkPolicy") if found["spec"]["podSelector"] == {}]
    assert set(closed["spec"]) == {"podSelector", "policyTypes"}
    assert closed["spec"]["policyTypes"] == ["Ingress", "Egress"]


def test_the_autoscaler_scales_the_workers_whose_number_nothing_else_sets():
    (autoscaler,) = of("HorizontalPodAutoscaler")
    target = autoscaler["spec"]["scaleTargetRef"]
    (scaled,) = [found for found in of(target["kind"]) if found["metadata"]["name"] == target["name"]]
    assert (target["apiVersion"], "replicas" in scaled["spec"]) == (scaled["apiVersion"], False)
    assert autoscaler["spec"]["minReplicas"] >= 1  # the sweeps run in workers, too


def test_there_is_one_image_and_its_tag_is_this_version():
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert {container(found)["image"] for found in MAKERS} == {f"registry.example.com/callkeeper:{version}"}
    (job,) = of("Job")
    assert job["metadata"]["name"] == f"callkeeper-migrate-{version.replace('.', '-')}"
    (image,) = yaml.safe_load((FOLDER / "Kustomization").read_text())["images"]
    assert (image["name"], image["newTag"]) == ("registry.example.com/callkeeper", version)


def test_the_kustomization_holds_every_file():
    resources = yaml.safe_load((FOLDER / "Kustomization").read_text())["resources"]
    assert sorted(resources) == sorted(file.name for file in FOLDER.glob("*.yaml"))


def test_two_passes_over_the_subscription_never_run_at_once():
    (renew,) = of("CronJob")
    assert renew["spec"]["concurrencyPolicy"] == "Forbid"
