"""Checks that the token has the one permission and no other. Graph checks the signature, this check does not. Pure."""

from typing import Any

import jwt

from app.doctor.finding import Check, failed, ok, warning
from app.graph.auth.credentials import Credential, ManagedIdentity
from app.ids import TenantId

NAME = "role"
NEEDED = "CallRecords.Read.All"
_PORTAL = "Entra admin center > App registrations > this app > API permissions"


def check(token: str, credential: Credential, consent_url: str, tenant_id: TenantId) -> Check:
    claims = _claims(token)
    if claims is None:
        found = "the token cannot be read; the next check shows whether Graph accepts it"
        return warning(NAME, found, "nothing to do if the graph check is ok", tenant_id)
    claimed = claims.get("roles")
    roles = [str(role) for role in claimed] if isinstance(claimed, list) else []
    if NEEDED not in roles:
        others = f", only {', '.join(roles)}" if roles else ": it has no role at all"
        return failed(NAME, f"{NEEDED} is not in the token{others}", grant(credential, consent_url), tenant_id)
    if more := sorted(set(roles) - {NEEDED}):
        found = f"{NEEDED}, and more than is needed: {', '.join(more)}"
        remedy = f"remove the other permissions if no other program uses this app ({_PORTAL}); only {NEEDED} is needed"
        return warning(NAME, found, remedy, tenant_id)
    return ok(NAME, f"{NEEDED} and no other", tenant_id)


def grant(credential: Credential, consent_url: str) -> str:
    """What to do if the permission is missing."""
    if isinstance(credential, ManagedIdentity):
        return (
            f"assign Graph's app role {NEEDED} to the managed identity (New-MgServicePrincipalAppRoleAssignment or"
            " `az rest`): the portal cannot do this, and a managed identity has no consent page"
        )
    return (
        f"add the application permission {NEEDED} of Microsoft Graph (not the delegated one; {_PORTAL}), then let"
        f" an administrator consent at {consent_url}"
    )


def _claims(token: str) -> dict[str, Any] | None:
    try:
        return dict(jwt.decode(token, options={"verify_signature": False}))
    except jwt.PyJWTError:
        return None
