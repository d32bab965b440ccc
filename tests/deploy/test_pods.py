import re

import pytest

from app.settings.environment import Settings, load
from tests.deploy.commands import parsed
from tests.deploy.manifests import MAKERS, ROOT, TEMPLATES, container, name, of, template
from tests.sample_settings import set_only
from tests.some import some

KINDS = {" ".join(container(found)["args"][:2]).split(" --")[0]: found for found in MAKERS}
PROBES = ("startupProbe", "livenessProbe", "readinessProbe")
SERVERS = of("Deployment")
OTHERS = {"OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_SERVICE_NAME"}
SETTINGS = {name.upper() for name in Settings.model_fields}


@pytest.mark.parametrize("found", MAKERS, ids=name)
def test_the_command_line_takes_what_a_pod_runs(found):
    path, options = parsed(container(found)["args"])
    assert path
    ports = {port["containerPort"] for port in container(found).get("ports", [])}
    assert ports == ({options["port"]} if options.get("port") else set())
    assert not ports or options["host"] == "0.0.0.0"


def test_each_part_of_the_work_has_its_pods_and_web_does_none_of_the_others():
    assert set(KINDS) == {"serve", "worker", "subscriptions ensure", "migrate"}
    _, options = parsed(container(KINDS["serve"])["args"])
    assert (options["no_worker"], options["no_renewal"]) == (True, True)


@pytest.mark.parametrize("arguments", [["serve", "--no-wrker"], ["subscriptions"], ["work"], ["worker", "--port", "x"]])
def test_what_the_command_line_refuses_would_be_seen(arguments):
    with pytest.raises(Exception, match=r"(?i)no such option|no command|valid integer"):
        parsed(arguments)


@pytest.mark.parametrize("found", SERVERS, ids=name)
@pytest.mark.parametrize("probe", PROBES)
def test_probes_ask_at_an_open_port_whether_the_process_lives(found, probe):
    asked = container(found)[probe]["httpGet"]
    assert asked["port"] in {port["name"] for port in container(found)["ports"]}
    assert asked["path"] == "/healthz"  # /readyz is 503 without a subscription, and only a web that is reached gets one


@pytest.mark.parametrize("found", SERVERS, ids=name)
def test_prometheus_gets_a_port_that_is_open(found):
    reported = template(found)["metadata"]["annotations"]
    assert int(reported["prometheus.io/port"]) in {port["containerPort"] for port in container(found)["ports"]}
    assert reported["prometheus.io/path"] == "/metrics"


@pytest.mark.anyio
@pytest.mark.parametrize("path", ["/healthz", "/metrics"])
async def test_what_probes_and_prometheus_ask_is_answered(web, path):
    assert (await web.get(path)).status_code == 200


def test_every_variable_is_a_setting():
    (config,), (secret,) = of("ConfigMap"), of("Secret")
    commented = re.findall(r"^  # ([A-Z_]+):", (ROOT / "deploy/kubernetes/configmap.yaml").read_text(), re.MULTILINE)
    given = {*config["data"], *secret["stringData"], *commented}
    given |= {variable["name"] for found in MAKERS for variable in container(found)["env"]}
    assert given <= SETTINGS | OTHERS
    assert {"TRUSTED_PROXIES", "GRAPH_CLOUD", "RETENTION"} <= set(commented)


@pytest.mark.parametrize("found", MAKERS, ids=name)
def test_a_pod_reads_the_settings_that_are_there(found):
    (config,) = of("ConfigMap")
    assert container(found)["envFrom"] == [{"configMapRef": {"name": config["metadata"]["name"]}}]
    for variable in some(container(found)["env"]):
        assert variable["valueFrom"]["configMapKeyRef"]["key"] in config["data"]


@pytest.mark.parametrize("found", MAKERS, ids=name)
def test_a_pod_sees_each_secret_as_the_file_that_a_setting_names(found):
    (config,), (secret,) = of("ConfigMap"), of("Secret")
    (volume,) = [one for one in template(found)["spec"]["volumes"] if "secret" in one]
    assert (volume["secret"]["secretName"], volume["secret"]["defaultMode"]) == (secret["metadata"]["name"], 0o440)
    (mounted,) = [one for one in container(found)["volumeMounts"] if one["name"] == volume["name"]]
    named = {name: value for name, value in config["data"].items() if value.startswith("/")}
    assert named == {f"{key}_FILE": f"{mounted['mountPath']}/{key}" for key in secret["stringData"]}


def test_what_a_pod_is_given_is_taken_as_settings(monkeypatch, tmp_path):
    (config,), (secret,) = of("ConfigMap"), of("Secret")
    given = secret["stringData"] | {"API_KEY": "a-key-of-the-tests-in-a-file"}  # the sample's is refused
    for key, value in given.items():
        (tmp_path / key).write_text(value)
    image = dict(re.findall(r"\b(LOG_FORMAT)=(\S+)", (ROOT / "Dockerfile").read_text()))
    there = {key: value.replace("/run/secrets/callkeeper", str(tmp_path)) for key, value in config["data"].items()}
    ids = {name: value.replace("0", "1") for name, value in there.items() if set(value) <= {"0", "-"}}  # refused, too
    assert set(ids) == {"AZURE_TENANT_ID", "AZURE_CLIENT_ID"}
    set_only(monkeypatch, tmp_path, image | there | ids)
    settings = load()
    assert settings.api_key.get_secret_value() == given["API_KEY"]
    assert f":{secret['stringData']['DATABASE_PASSWORD']}@" in settings.database_url.get_secret_value()


@pytest.mark.parametrize("found", MAKERS, ids=name)
def test_a_pod_may_do_no_more_than_the_restricted_profile(found):
    pod, inside = template(found)["spec"], container(found)["securityContext"]
    assert not {"hostNetwork", "hostPID", "hostIPC", "initContainers"} & set(pod)
    assert (pod["securityContext"]["runAsNonRoot"], inside["allowPrivilegeEscalation"]) == (True, False)
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert inside["capabilities"] == {"drop": ["ALL"]}
    assert {kind for volume in pod["volumes"] for kind in volume} == {"name", "emptyDir", "secret"}


@pytest.mark.parametrize("found", MAKERS, ids=name)
def test_a_pod_runs_as_the_images_user_writes_only_to_tmp_and_has_no_token(found):
    pod, inside = template(found)["spec"], container(found)
    assert f"--uid {pod['securityContext']['runAsUser']} " in (ROOT / "Dockerfile").read_text()
    assert inside["securityContext"]["readOnlyRootFilesystem"] is True
    assert [mount["mountPath"] for mount in inside["volumeMounts"] if not mount.get("readOnly")] == ["/tmp"]
    assert (pod["automountServiceAccountToken"], pod["serviceAccountName"]) == (False, "callkeeper")


@pytest.mark.parametrize("found", MAKERS, ids=name)
def test_a_pod_asks_for_what_it_needs_and_gets_no_more_than_a_limit(found):
    resources = container(found)["resources"]
    assert set(resources["requests"]) == set(resources["limits"]) == {"cpu", "memory", "ephemeral-storage"}


def test_pods_have_time_to_finish():
    assert {pod["spec"]["terminationGracePeriodSeconds"] for pod in TEMPLATES} == {30}
    assert container(KINDS["serve"])["lifecycle"]["preStop"]["sleep"]["seconds"] == 5
