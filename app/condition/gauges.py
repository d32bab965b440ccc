"""What the database knows, as Prometheus reads it: the same in every replica, whoever did the work."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from app.condition.tenant import Tenant
from app.inbox.model import STATES


class Gauges(Collector):
    """One reading, given to Prometheus beside the process's own counters."""

    def __init__(self, tenants: Sequence[Tenant]) -> None:
        self._tenants = tenants
        self._now = datetime.now(UTC)

    def collect(self) -> Iterator[Metric]:
        """Ages in seconds; a gauge without a value means that there is nothing to measure."""
        yield self._inbox()
        yield self._oldest()
        yield self._nearest_deadline()
        stored = CounterMetricFamily("callkeeper_records_stored", "Records stored, later versions included")
        stored.add_metric([], sum(tenant.kept_total for tenant in self._tenants))
        yield stored
        yield self._per_tenant(
            "callkeeper_subscription_expires_in_seconds",
            "Until the live subscription ends; 0 without one",
            [(t, self._until(t.expires_at) if t.expires_at else 0.0) for t in self._tenants],
        )
        yield self._per_tenant(
            "callkeeper_last_notification_seconds",
            "Since the last notification",
            [(t, -self._until(t.notified_at)) for t in self._tenants if t.notified_at],
        )
        yield self._per_tenant(
            "callkeeper_last_record_seconds",
            "Since the last record was stored",
            [(t, -self._until(t.kept_at)) for t in self._tenants if t.kept_at],
        )
        yield self._per_tenant(
            "callkeeper_last_reconciliation_seconds",
            "Since the last sweep of Graph's list",
            [(t, -self._until(t.reconciled_at)) for t in self._tenants if t.reconciled_at],
        )

    def _inbox(self) -> Metric:
        rows = GaugeMetricFamily("callkeeper_inbox_rows", "Calls not yet collected", labels=["state"])
        for state in STATES:
            rows.add_metric([state], sum(getattr(tenant.depth, state) for tenant in self._tenants))
        return rows

    def _oldest(self) -> Metric:
        due = [tenant.depth.oldest_due for tenant in self._tenants if tenant.depth.oldest_due]
        age = max(0.0, -self._until(min(due))) if due else 0.0
        return _single("callkeeper_inbox_oldest_due_seconds", "How long the oldest due row has been due", age)

    def _nearest_deadline(self) -> Metric:
        deadlines = [tenant.depth.nearest_deadline for tenant in self._tenants if tenant.depth.nearest_deadline]
        name, text = "callkeeper_nearest_deadline_seconds", "Until Graph deletes a record that is still due"
        return _single(name, text, self._until(min(deadlines)) if deadlines else float("inf"))

    def _until(self, moment: datetime | None) -> float:
        assert moment is not None
        return (moment - self._now).total_seconds()

    @staticmethod
    def _per_tenant(name: str, text: str, values: list[tuple[Tenant, float]]) -> Metric:
        gauge = GaugeMetricFamily(name, text, labels=["tenant"])
        for tenant, value in values:
            gauge.add_metric([tenant.tenant_id], value)
        return gauge


def _single(name: str, text: str, value: float) -> Metric:
    gauge = GaugeMetricFamily(name, text)
    gauge.add_metric([], value)
    return gauge
