"""Credentials in files: certificates and federated tokens, good ones and those that will not do."""

from datetime import UTC, datetime, timedelta

import jwt
import pytest
import trustme

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]


def _certificate(folder, **validity):
    file = folder / "app.pem"
    issued = trustme.CA().issue_cert("callkeeper.example", **{"key_type": trustme.KeyType.RSA, **validity})
    issued.private_key_and_cert_chain_pem.write_to_path(str(file))
    return file, issued


@pytest.mark.parametrize(
    ("begins", "ends", "state", "wanted"),
    [
        (-30, -1, "failed", "expired on"),
        (1, 60, "failed", "is not valid before"),
        (-30, 10, "warning", "expires in 9 days"),
    ],
)
async def test_a_certificate_out_of_date(patient, tmp_path, begins, ends, state, wanted):
    now = datetime.now(UTC)
    validity = {"not_before": now + timedelta(days=begins), "not_after": now + timedelta(days=ends)}
    file, _ = _certificate(tmp_path, **validity)
    said = await patient.says("credential", state=state, **_by(file))
    assert wanted in said


async def test_a_good_certificate(patient, tmp_path):
    file, issued = _certificate(tmp_path)
    patient.world.directory.add_certificate(issued.cert_chain_pems[0].bytes())
    findings = await patient.examined(**_by(file))
    assert findings.of("credential").state == "ok"
    assert findings.of("login").state == "ok"


async def test_a_certificate_that_the_app_does_not_have(patient, tmp_path):
    file, _ = _certificate(tmp_path)
    assert "upload this certificate" in await patient.says("login", **_by(file))


async def test_a_certificate_without_its_key(patient, tmp_path):
    file = tmp_path / "half.pem"
    certificate = trustme.CA().issue_cert("callkeeper.example").cert_chain_pems[0]
    certificate.write_to_path(str(file))
    assert "contains no private key" in await patient.says("credential", **_by(file))


async def test_a_certificate_whose_key_entra_does_not_take(patient, tmp_path):
    file, _ = _certificate(tmp_path, key_type=trustme.KeyType.ECDSA)
    assert "not an RSA key" in await patient.says("credential", **_by(file))


def _by(file):
    return {"AZURE_CLIENT_SECRET": None, "AZURE_CLIENT_CERTIFICATE_PATH": file}


@pytest.mark.parametrize(("hours", "state"), [(1, "ok"), (-1, "failed")])
async def test_a_federated_token(patient, tmp_path, hours, state):
    token = jwt.encode({"exp": datetime.now(UTC) + timedelta(hours=hours)}, "a-key-long-enough-for-hs256-of-a-test")
    file = tmp_path / "token"
    file.write_text(token)
    patient.world.directory.trust_assertion(token)
    findings = await patient.examined(AZURE_CLIENT_SECRET=None, AZURE_FEDERATED_TOKEN_FILE=file)
    assert findings.of("credential").state == state
    assert findings.of("login").state == "ok"
