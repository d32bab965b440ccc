"""What a check found: the value that every part of the doctor makes, and the order in which a person would mend."""

from dataclasses import dataclass
from typing import Literal

State = Literal["ok", "warning", "failed", "skipped"]

CHECKS = (
    "settings",
    "database",
    "database_version",
    "migration",
    "api_key",
    "credential",
    "clock",
    "login_host",
    "graph_host",
    "login",
    "role",
    "graph",
    "public_url",
    "subscription",
    "notifications",
    "worker",
    "reconciliation",
)


@dataclass(frozen=True, slots=True)
class Check:
    """``found`` and ``remedy`` are one line each; only what is not in order has a remedy."""

    check: str
    state: State
    found: str
    remedy: str | None = None
    tenant_id: str | None = None


def ok(check: str, found: str, tenant_id: str | None = None) -> Check:
    return Check(check, "ok", found, None, tenant_id)


def warning(check: str, found: str, remedy: str, tenant_id: str | None = None) -> Check:
    return Check(check, "warning", found, remedy, tenant_id)


def failed(check: str, found: str, remedy: str, tenant_id: str | None = None) -> Check:
    return Check(check, "failed", found, remedy, tenant_id)


def skipped(check: str, why: str, tenant_id: str | None = None) -> Check:
    """One that could not be made; ``why`` names the check it needs, or the reason."""
    return Check(check, "skipped", why, None, tenant_id)


def in_order(checks: list[Check]) -> list[Check]:
    """As people read them; of one name, the tenants in the order in which they are configured."""
    return sorted(checks, key=lambda one: CHECKS.index(one.check))
