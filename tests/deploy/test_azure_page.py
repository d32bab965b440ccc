"""What a person gets who follows docs/azure-container-apps.md (the page is named in azure.py)."""

import re
import sys

import pytest

from app.inbox.model import inbox
from app.settings.environment import Settings
from tests.deploy import azure
from tests.deploy.commands import parsed
from tests.deploy.manifests import MAKERS, container
from tests.deploy.test_pods import SETTINGS

PARTS = ("migrate", "web", "worker", "renew")


@pytest.fixture(scope="module")
def calls(tmp_path_factory):
    return azure.run(tmp_path_factory.mktemp("azure"), sys.executable)


@pytest.fixture(scope="module")
def made(calls):
    """The definition of each app and job, by its name."""
    return {
        call.arguments[call.arguments.index("--name") + 1].removeprefix("callkeeper-"): call.file["properties"]
        for call in calls
        if call.file
    }


def inner(properties):
    (only,) = properties["template"]["containers"]
    return only


def test_all_four_parts_are_made_once_the_schema_is_and_no_file_with_a_password_is_left(calls, made, tmp_path_factory):
    assert tuple(made) == PARTS
    lines = [call.line for call in calls]
    started = next(i for i, line in enumerate(lines) if "job start" in line)
    assert started < next(i for i, line in enumerate(lines) if "containerapp create" in line)
    assert not list((tmp_path_factory.getbasetemp()).glob("azure*/*.yaml"))


@pytest.mark.parametrize("part", PARTS)
def test_each_container_runs_what_the_manifests_run(made, part):
    arguments = inner(made[part])["args"]
    assert parsed(arguments)
    assert arguments in [container(found)["args"] for found in MAKERS]


@pytest.mark.parametrize("part", PARTS)
def test_its_variables_are_settings_and_make_good_ones(made, part, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    secrets = {secret["name"]: secret["value"] for secret in made[part]["configuration"]["secrets"]}
    given = {
        one["name"]: one["value"] if "value" in one else secrets[one["secretRef"]] for one in inner(made[part])["env"]
    }
    assert set(given) <= SETTINGS
    settings = Settings(**{name.lower(): value for name, value in given.items()})
    assert settings.azure_managed_identity == settings.azure_client_id
    assert secrets["database-password"] in settings.database_url.get_secret_value()


@pytest.mark.parametrize("part", ["web", "worker"])
def test_probes_ask_whether_the_process_lives_at_the_port_it_opens(made, part):
    _, options = parsed(inner(made[part])["args"])
    asked = {(probe["httpGet"]["path"], probe["httpGet"]["port"]) for probe in inner(made[part])["probes"]}
    assert asked == {("/healthz", options["port"])}
    assert made[part]["configuration"].get("ingress", {}).get("targetPort", options["port"]) == options["port"]


def test_graph_is_answered_and_sweeps_are_made_at_any_time(made):
    assert made["web"]["template"]["scale"]["minReplicas"] == 2
    assert made["worker"]["template"]["scale"]["minReplicas"] == 1
    assert made["renew"]["configuration"]["scheduleTriggerConfig"]["cronExpression"] == "*/15 * * * *"


@pytest.mark.anyio
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_the_scale_rule_asks_the_database_what_it_can_answer(made, postgresql_connection):
    (rule,) = made["worker"]["template"]["scale"]["rules"]
    query = rule["custom"]["metadata"]["query"]
    assert re.search(rf"\bFROM {inbox.name}\b", query)
    assert await postgresql_connection.fetchval(query) == 0


def test_the_permission_is_the_one_that_is_needed_and_no_other(calls):
    roles = {role for call in calls for role in re.findall(r"[\w.]+\.\w+\.All", call.line)}
    assert roles == {"CallRecords.Read.All"}
    (granted,) = [call for call in calls if "appRoleAssignments" in call.line]
    assert '"principalId": "77777777-2222-3333-4444-555555555555"' in granted.line
