"""The finding of a check, and the order of the checks, which is the order in which to fix problems."""

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
    "call_logs",
    "webhooks",
)


@dataclass(frozen=True, slots=True)
class Check:
    """``found`` and ``remedy`` are one line each; only a warning or a failure has a remedy."""

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
    """A check that could not run; ``why`` names the check that it needs, or another reason."""
    return Check(check, "skipped", why, None, tenant_id)


def in_order(checks: list[Check]) -> list[Check]:
    """In the order of CHECKS; checks of the same name stay in the order of the configured tenants."""
    return sorted(checks, key=lambda check: CHECKS.index(check.check))
