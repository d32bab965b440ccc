"""Every log event with its levels and fields; docs/reference.md is generated from it.

A test compares this list with the log calls in the code.
"""

from typing import NamedTuple

DEBUG, INFO, WARNING, ERROR, CRITICAL = "debug", "info", "warning", "error", "critical"


class Event(NamedTuple):
    """When an event is logged, and its fields besides `timestamp` and `level`; not every line has every field."""

    levels: tuple[str, ...]
    meaning: str
    fields: tuple[str, ...] = ()


_FAILED = ("tenant_id", "call_id", "attempts", "outcome", "error", "request_id", "client_request_id", "where")

EVENTS = {
    "call_saved": Event(
        (INFO,), "A record was stored, completely or as far as Graph has it.", ("tenant_id", "call_id", "version")
    ),
    "claim_failed": Event((ERROR,), "A worker could not claim due rows from the inbox; it tries again.", ("error",)),
    "crashed": Event((CRITICAL,), "The process ends because of an uncaught exception.", ("exception",)),
    "derivation_failed": Event(
        (ERROR,), "Calls saved by an older version could not be derived again; retried automatically.", ("error",)
    ),
    "derived": Event(
        (INFO,), "Calls saved by an older version were derived again; `calls` is their number.", ("calls",)
    ),
    "document_unreadable": Event(
        (ERROR,),
        "A call saved by an older version cannot be derived again: its document is missing or damaged. Fetch it again.",
        ("tenant_id", "call_id"),
    ),
    "entra_sign_in_failed": Event(
        (WARNING,),
        "A sign-in with Entra ID failed: Entra's error code, or why Entra did not answer.",
        ("code", "error"),
    ),
    "event_loop_error": Event(
        (ERROR,), "A background task failed with an uncaught exception.", ("message", "exception")
    ),
    "fetch_failed": Event(
        (INFO, WARNING, ERROR),
        "A fetch of a record failed; the outcome says what happens to its row: `again`, `failed`, `expired`, or "
        "`stored_incomplete`. At level info: Graph does not have the record yet, which is normal.",
        _FAILED,
    ),
    "key_not_looked_up": Event((ERROR,), "A request was refused because the database did not answer.", ("error",)),
    "library": Event(
        (WARNING, ERROR, CRITICAL),
        "A log line of a library, or a Python warning; `message` is its first line.",
        ("logger", "message", "exception"),
    ),
    "lifecycle_answered": Event(
        (INFO,),
        "A lifecycle event of a subscription was handled.",
        ("tenant_id", "lifecycle_event"),
    ),
    "notifications_not_stored": Event(
        (ERROR,),
        "The database did not store notifications in time; they were answered with 503, and Graph sends them again.",
        ("items", "error"),
    ),
    "prolong_failed": Event(
        (ERROR,), "A worker could not extend its claims; another worker may claim the rows.", ("error",)
    ),
    "read_not_recorded": Event(
        (ERROR,), "A read was refused because it could not be recorded in the audit.", ("route", "error")
    ),
    "reconcile_failed": Event(
        (WARNING, ERROR),
        "A sweep of Graph's list failed; it starts again in a minute.",
        ("tenant_id", "error", "request_id"),
    ),
    "reconciled": Event((INFO,), "A sweep of Graph's list completed.", ("tenant_id", "listed", "queued")),
    "release_failed": Event(
        (ERROR,), "A worker that stops could not release its claims; they end automatically.", ("error",)
    ),
    "request_failed": Event(
        (ERROR,), "A request failed because of a bug, or because the database does not answer.", ("route", "error")
    ),
    "retention": Event(
        (INFO,), "Calls older than RETENTION were deleted; `deleted` has the rows by table.", ("deleted",)
    ),
    "retention_failed": Event((ERROR,), "Retention could not delete calls; it tries again in an hour.", ("error",)),
    "retry_not_stored": Event(
        (ERROR,),
        "The outcome of a failed fetch could not be written; its claim ends automatically.",
        ("call_id", "error"),
    ),
    "serving": Event((INFO,), "The web routes accept requests.", ("url",)),
    "signing_keys_not_fetched": Event(
        (WARNING,), "Entra's signing keys could not be fetched; the known keys stay in use.", ("tenant_id", "error")
    ),
    "spans_not_taken": Event(
        (WARNING,), "The OpenTelemetry collector does not accept spans; logged once until it does.", ("spans",)
    ),
    "spans_taken_again": Event((INFO,), "The OpenTelemetry collector accepts spans again."),
    "stopping": Event((INFO,), "A signal arrived, or a part of the process ended; work in progress is finished."),
    "subscription_ensured": Event(
        (INFO,),
        "The tenant has a live subscription; the action is `kept`, `renewed` or `created`.",
        ("tenant_id", "action", "subscription_id", "expires_at"),
    ),
    "subscription_failed": Event(
        (ERROR,),
        "The tenant's subscription could not be created or renewed; `problem` says what to do.",
        ("tenant_id", "error", "status", "request_id", "problem"),
    ),
    "subscription_not_deleted": Event(
        (WARNING,),
        "An unneeded subscription could not be deleted; the current one is not affected.",
        ("tenant_id", "subscription_id", "error"),
    ),
    "subscription_replaced": Event(
        (WARNING,), "A subscription that blocks ours is deleted.", ("tenant_id", "subscription_id")
    ),
    "tallied": Event((INFO,), "The daily counts of these days were computed again.", ("days",)),
    "tally_failed": Event((ERROR,), "The daily counts could not be computed; retried automatically.", ("error",)),
    "thread_crashed": Event((CRITICAL,), "A thread ended because of an uncaught exception.", ("exception",)),
    "tls_connection_cut": Event(
        (INFO,), "A TLS connection was closed while in use, for example when a stop interrupts a fetch.", ("error",)
    ),
    "tracing_not_started": Event(
        (WARNING,), "Tracing is configured but spans cannot be sent; `problem` says what to do.", ("problem",)
    ),
    "tracing_started": Event((INFO,), "Spans are sent to the OpenTelemetry collector.", ("role",)),
    "unraisable_error": Event(
        (ERROR,), "An exception where Python cannot raise one, such as in a destructor.", ("exception",)
    ),
    "worker_started": Event((INFO,), "A worker started to claim due rows.", ("worker",)),
    "worker_stopped": Event((INFO,), "A worker stopped and released the rows that it had not finished.", ("worker",)),
}
