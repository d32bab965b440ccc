"""Who asks and what it may do: what keys, tokens and routes agree on."""

from collections.abc import Iterable
from typing import Literal, NamedTuple

Scope = Literal["read", "admin"]


class Caller(NamedTuple):
    """``name`` is a key's name or an application's id, never a person's; ``tenants`` None means every tenant."""

    name: str
    scope: Scope
    tenants: tuple[str, ...] | None = None

    def sees(self, tenant_id: str) -> bool:
        """Whether that tenant's calls are this caller's to read."""
        return self.tenants is None or tenant_id in self.tenants

    def among(self, tenant_ids: Iterable[str]) -> tuple[str, ...]:
        """Those of the tenants that this caller sees."""
        return tuple(tenant_id for tenant_id in tenant_ids if self.sees(tenant_id))
