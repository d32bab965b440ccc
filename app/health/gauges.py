"""What the database knows, as Prometheus reads it: the same in every replica."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from app.health.readiness import Readiness
from app.health.rules import REASONS
from app.health.tenant import Tenant
from app.inbox.model import STATES


class Gauges(Collector):
    """One reading, given to Prometheus beside the process's own counters."""

    def __init__(self, readiness: Readiness) -> None:
        self._reasons = {reason.reason for reason in readiness.reasons}
        self._is_known = readiness.tenants is not None
        self._tenants = readiness.tenants or []
        self._detail_rows = readiness.detail_rows
        self._counts = readiness.counts
        self._erasures = readiness.erasures
        self._failing_webhooks = readiness.failing_webhooks
        self._deliveries = readiness.deliveries
        self._now = datetime.now(UTC)

    def collect(self) -> Iterator[Metric]:
        """Ages in seconds; a gauge without a value means that there is nothing to measure.

        Where the database says nothing there is only the reason why: zeros would look like good news.
        """
        yield self._not_ready()
        if self._is_known:
            yield from self._of_all_tenants()
            yield from self._by_tenant()
            yield from self._call_logs()

    def _not_ready(self) -> Metric:
        text = "1 while the work is not done, by reason (those of /readyz); 0 otherwise"
        gauge = GaugeMetricFamily("callkeeper_not_ready", text, labels=["reason"])
        for reason in REASONS:
            gauge.add_metric([reason], float(reason in self._reasons))
        return gauge

    def _of_all_tenants(self) -> Iterator[Metric]:
        yield self._inbox()
        yield self._never_available()
        yield self._oldest()
        yield self._nearest_deadline()
        stored = CounterMetricFamily("callkeeper_records_stored", "Records stored, later versions included")
        stored.add_metric([], sum(tenant.stored_total for tenant in self._tenants))
        yield stored
        yield _single(
            "callkeeper_detail_rows_pending_calls",
            "Archived calls whose detail rows are still to be removed or written, as DETAIL_ROWS says",
            self._detail_rows.pending if self._detail_rows else 0,
        )
        text = "Requests of `callkeeper erase` that are not finished"
        yield _single("callkeeper_erasures_pending", text, self._erasures.pending)
        text = "Calls and documents that the erasure which is worked on has still to rewrite or to search"
        yield _single("callkeeper_erasure_left", text, self._erasures.left)
        text = "Seconds for which the oldest change of a call has waited to be added to the counts of hours and days"
        yield _single("callkeeper_daily_counts_lag_seconds", text, self._since(self._counts.oldest_change) or 0.0)
        text = "Rows of counts that the proofs of the last day found wrong and corrected"
        yield _single("callkeeper_daily_counts_drift_rows", text, self._counts.drift)
        text = "Webhooks that are disabled, or to which no delivery has succeeded for an hour"
        yield _single("callkeeper_webhooks_failing", text, len(self._failing_webhooks))
        text = "Events that wait to be delivered to a webhook"
        yield _single("callkeeper_webhook_pending_deliveries", text, self._deliveries.pending)
        text = "Seconds for which the oldest of these events has waited"
        oldest = self._since(self._deliveries.oldest) or 0.0
        yield _single("callkeeper_webhook_oldest_pending_seconds", text, oldest)

    def _by_tenant(self) -> Iterator[Metric]:
        """Of each tenant."""
        yield self._per_tenant(
            "callkeeper_subscription_expires_in_seconds",
            "Seconds until the live subscription expires; 0 without one",
            lambda t: self._until(t.expires_at) if t.expires_at else 0.0,
        )
        yield self._per_tenant(
            "callkeeper_subscription_problem",
            "1 while the subscription could not be made or renewed the last time; 0 otherwise",
            lambda t: float(t.problem is not None),
        )
        yield self._per_tenant(
            "callkeeper_records_refused_seconds",
            "Seconds for which Graph has refused every record (403); 0 if it does not",
            lambda t: self._since(t.refused_since) or 0.0,
        )
        yield self._per_tenant(
            "callkeeper_last_notification_seconds",
            "Seconds since the last notification",
            lambda t: self._since(t.notified_at),
        )
        yield self._per_tenant(
            "callkeeper_last_record_seconds",
            "Seconds since the last record was stored",
            lambda t: self._since(t.stored_at),
        )
        yield self._per_tenant(
            "callkeeper_last_reconciliation_seconds",
            "Seconds since the last sweep of Graph's list",
            lambda t: self._since(t.reconciled_at),
        )
        yield self._per_tenant(
            "callkeeper_normal_silence_seconds",
            "Normal maximum of seconds between two calls: the 99th percentile of the last 1,000, at least 3 hours",
            lambda t: t.normal_silence.total_seconds() if t.normal_silence is not None else None,
        )
        yield from self._sweeps()
        text = "Calls that a sweep found before any notification, although a subscription was live"
        unnotified = CounterMetricFamily("callkeeper_unnotified_calls", text, labels=["tenant"])
        for tenant in self._tenants:
            unnotified.add_metric([tenant.tenant_id], tenant.unnotified_total)
        yield unnotified

    def _sweeps(self) -> Iterator[Metric]:
        labels = ["tenant", "kind"]
        text = "How much of its window the running sweep of Graph's list has read, 0 to 1; 1 when the last one ended"
        share = GaugeMetricFamily("callkeeper_sweep_progress_ratio", text, labels=labels)
        text = "Records that Graph listed in the running sweep, or in the last one"
        listed = GaugeMetricFamily("callkeeper_sweep_listed_records", text, labels=labels)
        for tenant in self._tenants:
            for sweep in tenant.sweeps:
                share.add_metric([tenant.tenant_id, sweep.kind], sweep.share(self._now))
                listed.add_metric([tenant.tenant_id, sweep.kind], sweep.listed)
        yield from (share, listed)

    def _inbox(self) -> Metric:
        rows = GaugeMetricFamily(
            "callkeeper_inbox_rows", "Rows of calls whose record is not stored yet", labels=["state"]
        )
        for state in STATES:
            rows.add_metric([state], sum(getattr(tenant.depth, state) for tenant in self._tenants))
        return rows

    def _never_available(self) -> Metric:
        text = "Of the expired rows: calls that Graph notified us of and answered with 404 to the end"
        count = sum(tenant.depth.never_available for tenant in self._tenants)
        return _single("callkeeper_inbox_never_available_rows", text, count)

    def _oldest(self) -> Metric:
        due = [tenant.depth.oldest_due for tenant in self._tenants if tenant.depth.oldest_due]
        age = max(0.0, self._since(min(due)) or 0.0) if due else 0.0
        return _single("callkeeper_inbox_oldest_due_seconds", "Seconds for which the oldest due row has been due", age)

    def _nearest_deadline(self) -> Metric:
        deadlines = [tenant.depth.nearest_deadline for tenant in self._tenants if tenant.depth.nearest_deadline]
        name, text = (
            "callkeeper_nearest_deadline_seconds",
            "Seconds until Graph deletes the next record that is not stored yet",
        )
        return _single(name, text, self._until(min(deadlines)) if deadlines else float("inf"))

    def _call_logs(self) -> Iterator[Metric]:
        """Of each log that was ever asked for."""
        labels = ["tenant", "log"]
        text = "Seconds since a day of the log was read completely; no value if none was"
        read = GaugeMetricFamily("callkeeper_call_log_last_read_seconds", text, labels=labels)
        text = "1 while Graph refuses the log for a missing permission; 0 otherwise"
        refused = GaugeMetricFamily("callkeeper_call_log_refused", text, labels=labels)
        text = "1 while the last attempt to read the log failed; 0 otherwise"
        failing = GaugeMetricFamily("callkeeper_call_log_failing", text, labels=labels)
        for tenant in self._tenants:
            for log in tenant.call_logs:
                if (age := self._since(log.read_at)) is not None:
                    read.add_metric([tenant.tenant_id, log.kind], age)
                refused.add_metric([tenant.tenant_id, log.kind], float(log.state == "not_permitted"))
                failing.add_metric([tenant.tenant_id, log.kind], float(log.state != "read"))
        yield from (read, refused, failing)

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
