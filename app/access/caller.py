"""The caller of a request and its scope, or why it is refused: the types that keys, tokens and routes share.

AccessRefused
├── Unauthenticated   no valid credential was sent: 401
└── MissingRole       a valid token without a role of ours: 403
"""

from collections.abc import Iterable
from typing import Any, Literal, NamedTuple

from app.ids import TenantId

Scope = Literal["read", "admin"]


class Caller(NamedTuple):
    """``name`` is a key's name or the id in a token, never a person's; ``tenants`` None means every tenant, ``sites``
    None every site.
    """

    name: str
    scope: Scope
    tenants: tuple[TenantId, ...] | None = None
    sites: tuple[str, ...] | None = None

    @property
    def limits(self) -> dict[str, Any]:
        """What limits the calls that this caller sees, as the archive's filters name it."""
        return {"tenants": self.tenants, "sites": self.sites}

    def sees(self, tenant_id: TenantId) -> bool:
        """Whether that tenant's calls are this caller's to read."""
        return self.tenants is None or tenant_id in self.tenants

    def among(self, tenant_ids: Iterable[TenantId]) -> tuple[TenantId, ...]:
        """Those of the tenants that this caller sees."""
        return tuple(tenant_id for tenant_id in tenant_ids if self.sees(tenant_id))


class AccessRefused(Exception):
    """The caller has no access; the message is for the caller."""


class Unauthenticated(AccessRefused):
    """``reason``, for the metrics: ``missing``, ``key``, ``revoked``, ``expired``, ``token`` or ``session``."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


class MissingRole(AccessRefused):
    """A valid token without a role of ours; its ``name`` and ``tenants`` are for the audit."""

    def __init__(self, name: str, tenants: tuple[TenantId, ...], detail: str) -> None:
        super().__init__(detail)
        self.name = name
        self.tenants = tenants


class LoginUnavailable(Exception):
    """The login host's keys could not be fetched, so tokens cannot be verified."""
