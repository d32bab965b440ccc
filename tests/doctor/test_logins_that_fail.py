"""A login, a role, a clock or a Graph that will not do: each with its remedy."""

import re

import pytest
import trustme

from app.doctor.limits import Limits
from app.simulator.login.directory import App
from tests.doctor.servers import listening
from tests.flow.service import free_port
from tests.subscriptions.installation import OTHER

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]

STRANGER = "00000000-0000-4000-8000-0000000000ff"


async def test_a_wrong_secret(patient):
    said = await patient.says("login", AZURE_CLIENT_SECRET="s3cret-of-nobody")
    assert "AADSTS7000215" in said
    assert "set AZURE_CLIENT_SECRET to its Value" in said


async def test_what_needs_the_login_is_skipped(patient):
    findings = await patient.examined(AZURE_CLIENT_SECRET="s3cret-of-nobody")
    assert findings.of("role").found == findings.of("graph").found == "needs login"
    assert findings.of("subscription").state == "warning"
    assert "Graph could not be asked" in findings.of("subscription").found
    assert findings.of("public_url").state == "ok"


async def test_a_secrets_id_in_place_of_its_value(patient):
    assert "Value" in await patient.says("credential", state="warning", AZURE_CLIENT_SECRET=STRANGER)


async def test_an_unknown_application(patient):
    said = await patient.says("login", AZURE_CLIENT_ID=STRANGER)
    assert "AADSTS700016" in said
    assert f"/adminconsent?client_id={STRANGER}" in said


async def test_an_unknown_tenant(patient):
    said = await patient.says("login", AZURE_TENANT_ID=STRANGER)
    assert "AZURE_TENANT_ID" in said
    assert "GRAPH_CLOUD" in said


async def test_of_two_tenants_the_one_that_did_not_consent_is_named(patient):
    app = patient.world.directory.app
    app.absent_from.add(OTHER)
    findings = await patient.examined(AZURE_TENANT_ID=f"{patient.world.tenant_id},{OTHER}")
    assert findings.of("login", patient.world.tenant_id).state == "ok"
    assert findings.of("login", OTHER).state == "failed"
    assert f"/{OTHER}/adminconsent?client_id={app.client_id}" in findings.of("login", OTHER).remedy
    assert "there is none" in findings.of("subscription", OTHER).found


async def test_a_login_that_hangs_is_given_up(patient):
    patient.world.faults.add({"fault": "slow", "seconds": 2, "match": {"path": "oauth2", "method": "POST"}})
    assert "no answer to the login" in await patient.says("login", limits=Limits(login=0.3))


async def test_a_managed_identity_where_there_is_none(patient, monkeypatch):
    monkeypatch.setenv("IDENTITY_ENDPOINT", f"http://127.0.0.1:{free_port()}/msi/token")
    monkeypatch.setenv("IDENTITY_HEADER", "a-header")
    settings = {"AZURE_CLIENT_SECRET": None, "AZURE_MANAGED_IDENTITY": "system"}
    assert "run this on Azure" in await patient.says("login", **settings)
    findings = await patient.examined(**settings)
    assert findings.of("login_host").state == "skipped"
    assert findings.of("clock").state == "ok"


async def test_the_role_is_missing(patient):
    patient.world.change_settings({"roles": ["User.Read.All"]})
    findings = await patient.examined()
    role = findings.of("role")
    assert role.state == "failed"
    assert "User.Read.All" in role.found
    consent = f"{patient.scene.graph_url}/{patient.world.tenant_id}/adminconsent?client_id={patient.world.client_id}"
    assert consent in role.remedy
    assert findings.of("login").state == "ok"


async def test_more_roles_than_are_needed(patient):
    patient.world.change_settings({"roles": ["CallRecords.Read.All", "Mail.ReadWrite"]})
    assert "more than is needed: Mail.ReadWrite" in await patient.says("role", state="warning")


@pytest.mark.parametrize(
    ("fault", "state", "wanted"),
    [
        ({"fault": "status", "status": 403}, "failed", "/adminconsent?client_id="),
        ({"fault": "status", "status": 429, "retry_after": 17}, "warning", "wait 17 s"),
        ({"fault": "status", "status": 500}, "failed", "health page"),
        ({"fault": "expired_token"}, "failed", "of one cloud"),
        ({"fault": "not_json"}, "failed", "no proxy answers instead"),
        ({"fault": "cut"}, "failed", "closed the connection"),
    ],
)
async def test_graph_refuses(patient, fault, state, wanted):
    # Only what is asked with a token: Graph's host itself is well.
    patient.world.faults.add(fault | {"match": {"path": "/v1.0/subscriptions$"}})
    assert wanted in await patient.says("graph", state=state)


async def test_graph_hangs(patient):
    patient.world.faults.add({"fault": "slow", "seconds": 2, "match": {"path": "/v1.0/subscriptions$"}})
    assert "did not answer within" in await patient.says("graph", limits=Limits(graph=0.3))


@pytest.mark.parametrize(("ahead", "state"), [(10, "ok"), (-100, "warning"), (100, "warning"), (-400, "failed")])
async def test_the_clock_is_compared_with_microsofts(patient, ahead, state):
    patient.world.change_settings({"clock_offset_s": float(-ahead)})
    clock = (await patient.examined()).of("clock")
    assert clock.state == state
    seconds, side = re.match(r"(\d+) s (ahead of|behind)", clock.found).groups()
    assert side == ("ahead of" if ahead > 0 else "behind")
    assert int(seconds) == pytest.approx(abs(ahead), abs=9)  # the time between Graph's answer and its reading counts
    assert (clock.remedy is None) == (state == "ok")


async def test_a_clock_without_a_reference(patient):
    findings = await patient.examined(
        AZURE_AUTHORITY_HOST=f"https://127.0.0.1:{free_port()}", GRAPH_BASE_URL=f"https://127.0.0.1:{free_port()}"
    )
    assert findings.of("clock").state == "skipped"
    assert "AZURE_AUTHORITY_HOST" in findings.of("login_host").remedy
    assert "GRAPH_BASE_URL" in findings.of("graph_host").remedy
    assert findings.of("login").found == "needs login_host"


async def test_a_host_that_does_not_resolve(patient):
    assert "does not resolve" in await patient.says("login_host", AZURE_AUTHORITY_HOST="https://no.such.invalid")


async def test_an_authority_that_is_not_trusted(patient, tmp_path):
    other = tmp_path / "other.pem"
    trustme.CA().cert_pem.write_to_path(str(other))
    findings = await patient.examined(SSL_CERT_FILE=other)
    for name in ("login_host", "graph_host"):
        assert "not trusted" in findings.of(name).found
        assert "SSL_CERT_FILE" in findings.of(name).remedy


async def test_a_host_that_is_silent_is_given_up(patient):

    async def silent(reader, writer):
        await reader.read()
        writer.close()

    async with listening(silent) as port:
        assert "does not answer" in await patient.says(
            "graph_host", limits=Limits(host=0.3), GRAPH_BASE_URL=f"https://127.0.0.1:{port}"
        )


async def test_an_app_that_another_secret_opens(patient):
    patient.world.directory.add_app(App(STRANGER, secrets={"s3cret-of-another"}))
    findings = await patient.examined(AZURE_CLIENT_ID=STRANGER, AZURE_CLIENT_SECRET="s3cret-of-another")
    assert findings.of("login").state == "ok"
    assert "Graph does not know our subscription" in findings.of("subscription").found
