"""Is the one permission in the token, and no other? Read without a check of the signature: Graph makes that; pure."""

from typing import Any

import jwt

from app.doctor.finding import Check, failed, ok, warning
from app.graph.auth.credentials import Credential, ManagedIdentity

NAME = "role"
NEEDED = "CallRecords.Read.All"
_PORTAL = "Entra admin center > App registrations > this app > API permissions"


def check(token: str, credential: Credential, consent_url: str, tenant_id: str) -> Check:
    claims = _claims(token)
    if claims is None:
        found = "the token cannot be read here; whether Graph takes it, the next line tells"
        return warning(NAME, found, "nothing, if the graph check is ok", tenant_id)
    told = claims.get("roles")
    roles = [str(role) for role in told] if isinstance(told, list) else []
    if NEEDED not in roles:
        held = f", only {', '.join(roles)}" if roles else ": it holds no role at all"
        return failed(NAME, f"{NEEDED} is not in the token{held}", grant(credential, consent_url), tenant_id)
    if more := sorted(set(roles) - {NEEDED}):
        found = f"{NEEDED}, and more than is needed: {', '.join(more)}"
        remedy = f"remove what only Callkeeper would need them for ({_PORTAL}); it needs {NEEDED} alone"
        return warning(NAME, found, remedy, tenant_id)
    return ok(NAME, f"{NEEDED} and no other", tenant_id)


def grant(credential: Credential, consent_url: str) -> str:
    """What to do where the permission is missing."""
    if isinstance(credential, ManagedIdentity):
        return (
            f"assign Graph's app role {NEEDED} to the managed identity (New-MgServicePrincipalAppRoleAssignment or"
            " `az rest`): the portal cannot, and there is no consent page for it"
        )
    return (
        f"add the application permission {NEEDED} of Microsoft Graph (not the delegated kind; {_PORTAL}), then let"
        f" an administrator consent at {consent_url}"
    )


def _claims(token: str) -> dict[str, Any] | None:
    try:
        return dict(jwt.decode(token, options={"verify_signature": False}))
    except jwt.PyJWTError:
        return None
