"""Counters of this process, for Prometheus; health/gauges.py reads the gauges from the database on each scrape."""

from collections.abc import Callable
from math import nan

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

# The result of one item: stored, a lifecycle event noted, not stored in time (503), sent by Graph in a form that is not
# known, or ignored for what is wrong with it.
OUTCOMES = (
    "stored",
    "lifecycle",
    "not_stored",
    "not_authenticated",
    "not_understood",
    "client_state",
    "tenant",
    "call_id",
    "change_type",
    "resource",
    "malformed",
)
# Why a request is not let in: nothing shown, no such key, a revoked or expired one, a bad token, no app role, an ended
# session, a sign-in that Entra ID refused or that was not begun here, too many reads of a known caller at a time,
# a route that a key for some sites may not use.
REFUSALS = ("missing", "key", "revoked", "expired", "token", "role", "session", "sign_in", "busy", "sites")
# Why a connection is closed before its request is complete: no HTTP, another protocol asked for (counted, the request
# is answered), a request head that takes too long or is too large, too many connections.
REFUSED_CONNECTIONS = ("malformed", "upgrade", "head_slow", "head_large", "too_many")
# Why the database stores nothing: the causes of app.db.outage.causes.
CAUSES = (
    "disk_full",
    "lock",
    "connection",
    "login",
    "read_only",
    "too_many_connections",
    "permission",
    "broken_file",
    "other",
)


class Metrics:
    """One registry and its counters, created once per process and passed down."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.notifications = Counter(
            "callkeeper_notifications",
            "Items of Graph's notifications, by outcome",
            ["outcome"],
            registry=self.registry,
        )
        for outcome in OUTCOMES:  # a counter that begins at its first event hides that event from rate()
            self.notifications.labels(outcome=outcome)
        self.not_stored = Counter(
            "callkeeper_not_stored_requests",
            "Requests of Graph that were answered with 503 because nothing could be stored, by cause",
            ["cause"],
            registry=self.registry,
        )
        for cause in CAUSES:
            self.not_stored.labels(cause=cause)
        self.batches = Histogram(
            "callkeeper_notification_seconds",
            "Time from a notification's arrival to its answer",
            registry=self.registry,
            buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
        )
        self.graph_requests = Counter(
            "callkeeper_graph_requests",
            "Requests to Graph, by HTTP status or error",
            ["status"],
            registry=self.registry,
        )
        self.graph_rate = Gauge(
            "callkeeper_graph_rate",
            "Requests per second that this process may send to Graph: its share of GRAPH_RATE, lowered after 429",
            ["tenant"],
            registry=self.registry,
        )
        self.graph_seconds = Histogram(
            "callkeeper_graph_request_seconds", "Time Graph took to answer", ["operation"], registry=self.registry
        )
        self.fetches = Counter(
            "callkeeper_fetches", "Fetches of a record, by outcome", ["outcome"], registry=self.registry
        )
        self.refused = Counter(
            "callkeeper_refused_requests",
            "Refused requests to the read API, by reason",
            ["reason"],
            registry=self.registry,
        )
        self.refused_connections = Counter(
            "callkeeper_refused_connections",
            "Connections that were closed before a request was complete, by reason",
            ["reason"],
            registry=self.registry,
        )
        self.wrong_key_limits = Counter(
            "callkeeper_wrong_key_limits",
            "Requests with unknown keys that waited (delayed) or were answered 429 (refused), because ten wrong keys "
            "had come from their address within a minute",
            ["action"],
            registry=self.registry,
        )
        for action in ("delayed", "refused"):
            self.wrong_key_limits.labels(action=action)
        for reason in REFUSED_CONNECTIONS:
            self.refused_connections.labels(reason=reason)
        for reason in REFUSALS:
            self.refused.labels(reason=reason)
        self.deliveries = Counter(
            "callkeeper_webhook_attempts",
            "Attempts to deliver an event to a webhook, by outcome",
            ["outcome"],
            registry=self.registry,
        )
        for outcome in ("delivered", "failed"):
            self.deliveries.labels(outcome=outcome)
        self.renewals = Counter(
            "callkeeper_subscription_checks",
            "Checks of a tenant's subscription, by action",
            ["action"],
            registry=self.registry,
        )

    def observe_graph(self, operation: str, status: int | str, seconds: float) -> None:
        self.graph_requests.labels(status=str(status)).inc()
        self.graph_seconds.labels(operation=operation).observe(seconds)

    def observe_delivery(self, outcome: str) -> None:
        self.deliveries.labels(outcome=outcome).inc()

    def observe_rate(self, tenant_id: str, per_second: float) -> None:
        self.graph_rate.labels(tenant=tenant_id).set(per_second)

    def watch_replica(self, is_used: Callable[[], bool], lag: Callable[[], float | None]) -> None:
        """The gauges of DATABASE_READ_URL, which exist only where it is set."""
        used = Gauge(
            "callkeeper_read_replica_used",
            "Whether this process reads DATABASE_READ_URL: 1, or 0 while it lags or does not answer",
            registry=self.registry,
        )
        used.set_function(is_used)
        seconds = Gauge(
            "callkeeper_read_replica_lag_seconds",
            "Lag of DATABASE_READ_URL; not a number while it does not answer",
            registry=self.registry,
        )
        seconds.set_function(lambda: nan if (found := lag()) is None else found)

    def refuse_connection(self, reason: str) -> None:
        self.refused_connections.labels(reason=reason).inc()
