"""Counters of this process for Prometheus; app/health/gauges.py reads the others from the database at each scrape."""

from prometheus_client import CollectorRegistry, Counter, Histogram

# Outcomes of a notification item: stored, handled as lifecycle event, not stored in time (503), or ignored and why.
OUTCOMES = (
    "stored",
    "lifecycle",
    "not_stored",
    "client_state",
    "tenant",
    "call_id",
    "change_type",
    "resource",
    "malformed",
)
# Why a request is refused: no credential, an unknown key, a revoked key, an invalid token, no app role, an ended
# session, or a sign-in that Entra ID refused or that was not started here.
REFUSALS = ("missing", "key", "revoked", "token", "role", "session", "sign_in")


class Metrics:
    """One registry with its counters, created once per process and passed down."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.notifications = Counter(
            "callkeeper_notifications",
            "Items of Graph's notifications, by outcome",
            ["outcome"],
            registry=self.registry,
        )
        for outcome in OUTCOMES:  # a counter without an initial zero hides its first event from rate()
            self.notifications.labels(outcome=outcome)
        self.batches = Histogram(
            "callkeeper_notification_seconds",
            "Time from the arrival of a notification to its answer, in seconds",
            registry=self.registry,
            buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
        )
        self.graph_requests = Counter(
            "callkeeper_graph_requests",
            "Requests to Graph, by HTTP status or error",
            ["status"],
            registry=self.registry,
        )
        self.graph_seconds = Histogram(
            "callkeeper_graph_request_seconds",
            "Response time of Graph, in seconds",
            ["operation"],
            registry=self.registry,
        )
        self.fetches = Counter(
            "callkeeper_fetches", "Fetches of call records, by outcome", ["outcome"], registry=self.registry
        )
        self.refused = Counter(
            "callkeeper_refused_requests",
            "Refused requests to the read API and the pages, by reason",
            ["reason"],
            registry=self.registry,
        )
        for reason in REFUSALS:
            self.refused.labels(reason=reason)
        self.renewals = Counter(
            "callkeeper_subscription_checks",
            "Checks of a tenant's subscription, by action",
            ["action"],
            registry=self.registry,
        )

    def observe_graph(self, operation: str, status: int | str, seconds: float) -> None:
        self.graph_requests.labels(status=str(status)).inc()
        self.graph_seconds.labels(operation=operation).observe(seconds)
