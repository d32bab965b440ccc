"""Checks that the login issues a token, with a remedy for each error code of Entra."""

import asyncio

from app.doctor.blocking_calls import run_in_daemon_thread
from app.doctor.finding import Check, failed, ok
from app.graph.auth.credentials import Credential, ManagedIdentity
from app.graph.errors import LoginFailed
from app.ids import TenantId
from app.runtime import wiring
from app.runtime.cloud_hosts import CloudHosts
from app.settings.environment import Settings

NAME = "login"

_SECRETS = "Entra admin center > App registrations > this app > Certificates & secrets"
_SECRET = f"create a client secret ({_SECRETS}) and set AZURE_CLIENT_SECRET to its Value, not its ID"
_APP = "set AZURE_CLIENT_ID to the app's Application (client) ID, and check that the app exists in this tenant"
_FEDERATED = (
    f"add a federated credential with the token's issuer, subject and audience ({_SECRETS} > Federated credentials)"
)
# https://learn.microsoft.com/entra/identity-platform/reference-error-codes
_REMEDIES = {
    "AADSTS7000215": _SECRET,
    "AADSTS7000222": f"the secret has expired: {_SECRET}",
    "AADSTS7000216": _SECRET,
    "AADSTS7000218": _SECRET,
    "AADSTS7000112": "enable the app: Entra admin center > Enterprise applications > this app > Properties",
    "AADSTS700016": f"{_APP}, or ask an administrator of the tenant to consent at {{consent}}",
    "AADSTS7000229": "ask an administrator of the tenant to consent at {consent}",
    "AADSTS65001": "ask an administrator of the tenant to consent at {consent}",
    "AADSTS700027": f"upload this certificate to the app ({_SECRETS}), and check that it has not expired",
    "AADSTS700024": "check this machine's clock, and that the token file is renewed",
    "AADSTS70021": _FEDERATED,
    "AADSTS700211": _FEDERATED,
    "AADSTS700212": _FEDERATED,
    "AADSTS700213": _FEDERATED,
    "AADSTS90002": "set AZURE_TENANT_ID to the tenant's Directory (tenant) ID, and GRAPH_CLOUD to the tenant's cloud",
    "AADSTS900023": "set AZURE_TENANT_ID to the tenant's Directory (tenant) ID",
    "AADSTS900382": "set GRAPH_CLOUD to the cloud that the app is registered in",
    "AADSTS900384": "check this machine's clock",
    "AADSTS500011": "set GRAPH_CLOUD to the tenant's cloud: its login does not know this Graph ({graph})",
    "AADSTS1002012": "set GRAPH_BASE_URL to the root of Graph, without version and path (now: {graph})",
    "AADSTS53003": "exclude the app from the conditional access policy for workload identities that blocks it, or"
    " add this machine's address to the policy's trusted locations",
    "AADSTS90033": "Entra is busy: try again in a minute",
}
_OTHER_CODE = "look the code up at https://login.microsoftonline.com/error, and check the app registration"
_MANAGED_IDENTITY = (
    "run this on Azure with a managed identity assigned, and set AZURE_MANAGED_IDENTITY to system or to the client id"
    " of the identity; elsewhere use a secret or a certificate"
)


async def log_in(settings: Settings, cloud: CloudHosts, tenant_id: TenantId, limit: float) -> tuple[str | None, Check]:
    """A token, or None and why the login failed within ``limit`` seconds."""
    credential = wiring.credential(settings)
    login = wiring.login(settings, tenant_id)
    try:
        async with asyncio.timeout(limit):
            token = await run_in_daemon_thread(lambda: login.token(fresh=False))
    except TimeoutError:
        found = f"no answer to the login within {limit:.0f} s"
        return None, failed(NAME, found, remedy(None, credential, cloud, tenant_id), tenant_id)
    except LoginFailed as error:
        found = f"the login has no tenant {tenant_id}" if _unknown_tenant(error) else error.reason or str(error)
        return None, failed(NAME, found, remedy(error, credential, cloud, tenant_id), tenant_id)
    return token.value, ok(NAME, f"a token, valid for {token.lifetime / 60:.0f} minutes", tenant_id)


def remedy(error: LoginFailed | None, credential: Credential, cloud: CloudHosts, tenant_id: TenantId) -> str:
    """What to do, by Entra's error code if there is one."""
    if isinstance(credential, ManagedIdentity):
        return _MANAGED_IDENTITY
    code = "AADSTS90002" if error and _unknown_tenant(error) else error and error.code
    known = _REMEDIES.get(code or "")
    if known is not None:
        return known.format(consent=cloud.consent_url(tenant_id), graph=cloud.graph)
    if error is None:
        return "check the network and the proxy between this machine and the login host"
    return _OTHER_CODE if error.code else "check AZURE_TENANT_ID, AZURE_CLIENT_ID and the credential"


def _unknown_tenant(error: LoginFailed) -> bool:
    """The library requests the tenant's endpoints first; for an unknown tenant its error has no code."""
    return error.code is None and "authority configuration" in str(error)
