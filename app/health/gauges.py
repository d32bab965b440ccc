"""Metrics read from the database for Prometheus: the same in every replica."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from app.health.readiness import Condition
from app.health.rules import REASONS
from app.health.tenant import Tenant
from app.inbox.model import STATES


class Gauges(Collector):
    """The metrics of one reading of the database, exported beside the counters of the process."""

    def __init__(self, condition: Condition) -> None:
        self._reasons = {reason.reason for reason in condition.reasons}
        self._is_known = condition.tenants is not None
        self._tenants = condition.tenants or []
        self._now = datetime.now(UTC)

    def collect(self) -> Iterator[Metric]:
        """Ages in seconds; a gauge without a value has nothing to measure.

        If the database does not answer, only the reason is exported: zeros would look healthy.
        """
        yield self._not_ready()
        if self._is_known:
            yield from self._of_all_tenants()
            yield from self._by_tenant()

    def _not_ready(self) -> Metric:
        text = "1 while calls are not collected for this reason of /readyz, 0 otherwise"
        gauge = GaugeMetricFamily("callkeeper_not_ready", text, labels=["reason"])
        for reason in REASONS:
            gauge.add_metric([reason], float(reason in self._reasons))
        return gauge

    def _of_all_tenants(self) -> Iterator[Metric]:
        yield self._inbox()
        yield self._oldest()
        yield self._nearest_deadline()
        stored = CounterMetricFamily("callkeeper_records_stored", "Call records stored, later versions included")
        stored.add_metric([], sum(tenant.kept_total for tenant in self._tenants))
        yield stored

    def _by_tenant(self) -> Iterator[Metric]:
        yield self._per_tenant(
            "callkeeper_subscription_expires_in_seconds",
            "Seconds until the live subscription expires; 0 without a live subscription",
            lambda t: self._until(t.expires_at) if t.expires_at else 0.0,
        )
        yield self._per_tenant(
            "callkeeper_subscription_problem",
            "1 if the last attempt to create or renew the subscription failed, 0 otherwise",
            lambda t: float(t.problem is not None),
        )
        yield self._per_tenant(
            "callkeeper_last_notification_seconds",
            "Seconds since the last notification",
            lambda t: self._since(t.notified_at),
        )
        yield self._per_tenant(
            "callkeeper_last_record_seconds",
            "Seconds since the last call record was stored",
            lambda t: self._since(t.kept_at),
        )
        yield self._per_tenant(
            "callkeeper_last_reconciliation_seconds",
            "Seconds since the last completed sweep of Graph's list",
            lambda t: self._since(t.reconciled_at),
        )
        yield self._per_tenant(
            "callkeeper_normal_silence_seconds",
            "Normal time between two calls, in seconds: the 99th percentile of the last 1,000, at least 3 hours",
            lambda t: t.normal_silence.total_seconds() if t.normal_silence is not None else None,
        )
        text = "Calls that a sweep found without a notification, although there was a subscription"
        unnotified = CounterMetricFamily("callkeeper_unnotified_calls", text, labels=["tenant"])
        for tenant in self._tenants:
            unnotified.add_metric([tenant.tenant_id], tenant.unnotified_total)
        yield unnotified

    def _inbox(self) -> Metric:
        rows = GaugeMetricFamily(
            "callkeeper_inbox_rows", "Rows of the inbox: call records that are not collected", labels=["state"]
        )
        for state in STATES:
            rows.add_metric([state], sum(getattr(tenant.depth, state) for tenant in self._tenants))
        return rows

    def _oldest(self) -> Metric:
        due = [tenant.depth.oldest_due for tenant in self._tenants if tenant.depth.oldest_due]
        age = max(0.0, self._since(min(due)) or 0.0) if due else 0.0
        return _single("callkeeper_inbox_oldest_due_seconds", "Seconds since the oldest due row became due", age)

    def _nearest_deadline(self) -> Metric:
        deadlines = [tenant.depth.nearest_deadline for tenant in self._tenants if tenant.depth.nearest_deadline]
        name, text = "callkeeper_nearest_deadline_seconds", "Seconds until Graph deletes the first record that is due"
        return _single(name, text, self._until(min(deadlines)) if deadlines else float("inf"))

    def _until(self, moment: datetime) -> float:
        return (moment - self._now).total_seconds()

    def _since(self, moment: datetime | None) -> float | None:
        return (self._now - moment).total_seconds() if moment else None

    def _per_tenant(self, name: str, text: str, value: Callable[[Tenant], float | None]) -> Metric:
        gauge = GaugeMetricFamily(name, text, labels=["tenant"])
        for tenant in self._tenants:
            if (measured := value(tenant)) is not None:
                gauge.add_metric([tenant.tenant_id], measured)
        return gauge


def _single(name: str, text: str, value: float) -> Metric:
    gauge = GaugeMetricFamily(name, text)
    gauge.add_metric([], value)
    return gauge
