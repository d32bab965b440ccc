"""The login host: what it gives and what it refuses, and that the real MSAL is content with it."""

import asyncio
from datetime import UTC, datetime, timedelta

import jwt
import msal
import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509.oid import NameOID

pytestmark = pytest.mark.anyio


async def ask_token(client, running, **changes):
    form = {
        "grant_type": "client_credentials",
        "client_id": running.world.client_id,
        "client_secret": running.world.client_secret,
        "scope": f"{running.url}/.default",
    }
    url = f"{running.url}/{changes.pop('tenant', running.world.tenant_id)}/oauth2/v2.0/token"
    async with client.session.post(url, data={**form, **changes}) as answer:
        return answer.status, await answer.json()


async def test_the_right_secret_gives_a_token_that_graph_takes(client, running):
    status, body = await ask_token(client, running)
    assert status == 200
    assert body["expires_in"] == 3599
    assert (await client.ask("GET", "/v1.0/subscriptions", token=body["access_token"]))[0] == 200


async def test_the_token_is_a_real_one_signed_with_a_published_key(client, running):
    _, body = await ask_token(client, running)
    keys = await client.get(f"/{running.world.tenant_id}/discovery/v2.0/keys")
    public = jwt.PyJWK(keys["keys"][0])
    claims = jwt.decode(body["access_token"], public.key, algorithms=["RS256"], audience=running.url)
    assert claims["roles"] == ["CallRecords.Read.All"]
    assert claims["tid"] == running.world.tenant_id
    assert claims["appid"] == running.world.client_id


@pytest.mark.parametrize(
    ("changes", "status", "error", "number"),
    [
        ({"client_secret": "guessed"}, 401, "invalid_client", 7000215),
        ({"client_secret": ""}, 401, "invalid_client", 7000218),
        ({"client_id": "nobody"}, 400, "unauthorized_client", 700016),
        ({"tenant": "nowhere.example"}, 400, "invalid_request", 90002),
        ({"scope": "CallRecords.Read.All"}, 400, "invalid_scope", 1002012),
        ({"scope": "https://other.example/.default"}, 400, "invalid_resource", 500011),
        ({"grant_type": "password"}, 400, "unsupported_grant_type", 70003),
        ({"client_secret": "", "client_assertion": "x"}, 401, "invalid_client", 7000218),
    ],
)
async def test_a_wrong_request_is_refused_as_entra_does(client, running, changes, status, error, number):
    answered, body = await ask_token(client, running, **changes)
    assert (answered, body["error"], body["error_codes"]) == (status, error, [number])
    assert body["error_description"].startswith(f"AADSTS{number}")


async def test_a_version_in_the_scope_is_refused(client, running):
    status, body = await ask_token(client, running, scope=f"{running.url}/v1.0/.default")
    assert (status, body["error"]) == (400, "invalid_resource")


async def test_an_assertion_trusted_beforehand_is_taken(client, running):
    running.world.directory.trust_assertion("federated.token.text")
    kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    given = {"client_secret": "", "client_assertion": "federated.token.text", "client_assertion_type": kind}
    assert (await ask_token(client, running, **given))[0] == 200
    assert (await ask_token(client, running, **{**given, "client_assertion": "another"}))[0] == 401


def acquire(running, ca_file, credential):
    with requests.Session() as session:
        session.verify, session.trust_env = str(ca_file), False
        app = msal.ConfidentialClientApplication(
            running.world.client_id,
            client_credential=credential,
            authority=f"{running.url}/{running.world.tenant_id}",
            instance_discovery=False,
            http_client=session,
        )
        return app.acquire_token_for_client([f"{running.url}/.default"])


async def test_the_real_msal_gets_a_token_with_a_secret(client, running, ca_file):
    result = await asyncio.to_thread(acquire, running, ca_file, running.world.client_secret)
    assert (await client.ask("GET", "/v1.0/subscriptions", token=result["access_token"]))[0] == 200


async def test_the_real_msal_is_reported_of_a_wrong_secret(running, ca_file):
    result = await asyncio.to_thread(acquire, running, ca_file, "guessed")
    assert result["error"] == "invalid_client"


def a_certificate(key):
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "collector")])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(1).not_valid_before(now - timedelta(1)).not_valid_after(now + timedelta(1))
    pem = made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return pem, private.decode()


async def test_the_real_msal_gets_a_token_with_a_certificate_that_is_registered(running, ca_file, key):
    public, private = a_certificate(key)
    credential = {"private_key": private, "public_certificate": public}
    refused = await asyncio.to_thread(acquire, running, ca_file, credential)
    running.world.directory.add_certificate(public)
    taken = await asyncio.to_thread(acquire, running, ca_file, credential)
    assert refused["error"] == "invalid_client"
    assert "access_token" in taken


async def test_the_real_msal_gets_a_managed_identity_token(running, monkeypatch):
    monkeypatch.setenv("AZURE_POD_IDENTITY_AUTHORITY_HOST", running.identity_url)

    def acquire_by_identity():
        with requests.Session() as session:
            session.trust_env = False
            identity = msal.ManagedIdentityClient(msal.SystemAssignedManagedIdentity(), http_client=session)
            return identity.acquire_token_for_client(resource=running.url)

    assert "access_token" in await asyncio.to_thread(acquire_by_identity)


async def test_app_service_gives_tokens_only_with_its_header(client, running):
    path = f"{running.identity_url}/msi/token?api-version=2019-08-01&resource={running.url}"
    header = {"X-IDENTITY-HEADER": running.world.directory.identity_header}
    assert (await client.ask("GET", path))[0] == 401
    status, body, _ = await client.ask("GET", path, headers=header)
    assert status == 200
    assert int(body["expires_on"]) > datetime.now(UTC).timestamp()


async def test_imds_wants_its_header_and_a_resource_without_scope(client, running):
    path = f"{running.identity_url}/metadata/identity/oauth2/token?resource={running.url}"
    assert (await client.ask("GET", path))[0] == 400
    assert (await client.ask("GET", f"{path}/.default", headers={"Metadata": "true"}))[0] == 400


@pytest.mark.parametrize("token", ["nonsense", "a.b.c"])
async def test_graph_refuses_what_is_no_token_of_ours(client, token):
    status, body, _ = await client.ask("GET", "/v1.0/subscriptions", token=token)
    assert (status, body["error"]["code"]) == (401, "InvalidAuthenticationToken")


async def test_graph_refuses_revoked_and_expired_tokens_and_takes_newer_ones(client, running):
    world = running.world
    world.revoke_tokens()
    assert (await client.ask("GET", "/v1.0/subscriptions"))[0] == 401
    _, body = await ask_token(client, running)
    assert (await client.ask("GET", "/v1.0/subscriptions", token=body["access_token"]))[0] == 200
    world.change_settings({"clock_offset_s": 4000})
    assert (await client.ask("GET", "/v1.0/subscriptions", token=body["access_token"]))[0] == 401


async def test_a_token_without_the_role_reads_nothing(client, running):
    running.world.change_settings({"roles": []})
    _, body = await ask_token(client, running)
    status, answer, _ = await client.ask("GET", "/v1.0/communications/callRecords", token=body["access_token"])
    assert (status, answer["error"]["code"]) == (403, "Forbidden")
