"""Every event that is logged, at which levels and with which fields: written into docs/reference.md.

A test compares this list with the code: there is no event that is not here, and none here that is not logged.
"""

from typing import NamedTuple

DEBUG, INFO, WARNING, ERROR, CRITICAL = "debug", "info", "warning", "error", "critical"


class Event(NamedTuple):
    """When it is logged, and what with, beside `timestamp` and `level`; not every line has every field."""

    levels: tuple[str, ...]
    meaning: str
    fields: tuple[str, ...] = ()


_FAILED = ("tenant_id", "call_id", "attempts", "outcome", "error", "request_id", "client_request_id", "where")

EVENTS = {
    "call_saved": Event(
        (INFO,), "A record was stored whole, or as far as Graph has it.", ("tenant_id", "call_id", "version")
    ),
    "claim_failed": Event((ERROR,), "A worker could not ask the inbox for what is due; it tries again.", ("error",)),
    "crashed": Event((CRITICAL,), "The process ends on an error that nobody caught.", ("exception",)),
    "derivation_failed": Event(
        (ERROR,), "Calls of an older program could not be derived anew; it is tried again.", ("error",)
    ),
    "derived": Event((INFO,), "So many calls that an older program had saved were derived anew.", ("calls",)),
    "document_unreadable": Event(
        (ERROR,),
        "A call of an older program cannot be derived anew: its document is missing or broken. Fetch it again.",
        ("tenant_id", "call_id"),
    ),
    "entra_sign_in_failed": Event(
        (WARNING,),
        "Nobody came in with Entra ID: its error number, or what kept it from answering.",
        ("code", "error"),
    ),
    "event_loop_error": Event(
        (ERROR,), "Something in the background failed and nobody caught it.", ("message", "exception")
    ),
    "fetch_failed": Event(
        (INFO, WARNING, ERROR),
        "A record could not be had this time; the outcome says what becomes of its row: `again`, `failed`, `expired`, "
        "or `stored_incomplete`. At level info it is the usual case of a record that is not ready yet.",
        _FAILED,
    ),
    "key_not_looked_up": Event((ERROR,), "A request was refused because the database did not answer.", ("error",)),
    "library": Event(
        (WARNING, ERROR, CRITICAL),
        "A library's own line, or a Python warning: its first line is in `message`.",
        ("logger", "message", "exception"),
    ),
    "lifecycle_answered": Event(
        (INFO,),
        "What Graph said about a subscription has been dealt with.",
        ("tenant_id", "lifecycle_event"),
    ),
    "notification_not_understood": Event(
        (WARNING,),
        "Graph sent a notification, with the right client state, in a form that is not known; a sweep collects its "
        "call. The shape shows how it is written, without its content: please report it.",
        ("tenant_id", "reason", "shape", "items"),
    ),
    "notifications_not_stored": Event(
        (ERROR,),
        "The database did not take notifications in time; they were answered with 503, and Graph sends them again.",
        ("items", "error"),
    ),
    "prolong_failed": Event((ERROR,), "A worker could not prolong its claims; another may take them.", ("error",)),
    "read_not_recorded": Event(
        (ERROR,), "A read was refused because it could not be written into the audit.", ("route", "error")
    ),
    "record_form_not_stored": Event(
        (WARNING,),
        "The requests in which Graph gives a record could not be read from the database or stored there; after a "
        "restart they are found out again.",
        ("tenant_id", "error"),
    ),
    "reconcile_failed": Event(
        (WARNING, ERROR),
        "A sweep of Graph's list broke off; it begins again in a minute.",
        ("tenant_id", "error", "request_id"),
    ),
    "reconciled": Event((INFO,), "A sweep of Graph's list came to its end.", ("tenant_id", "listed", "queued")),
    "release_failed": Event(
        (ERROR,), "A worker that stops could not give its claims back; they end by themselves.", ("error",)
    ),
    "request_failed": Event(
        (ERROR,), "A request met a mistake of ours, or a database that does not answer.", ("route", "error")
    ),
    "retention": Event((INFO,), "Calls older than RETENTION were deleted: rows by table.", ("deleted",)),
    "retention_failed": Event((ERROR,), "Retention could not delete; it tries again in an hour.", ("error",)),
    "retry_not_stored": Event(
        (ERROR,), "What becomes of a failed fetch could not be written; its claim ends by itself.", ("call_id", "error")
    ),
    "serving": Event((INFO,), "The routes are open.", ("url",)),
    "signing_keys_not_fetched": Event(
        (WARNING,), "Entra's signing keys could not be had; the known ones serve on.", ("tenant_id", "error")
    ),
    "spans_not_taken": Event(
        (WARNING,), "The OpenTelemetry collector does not take spans; said once until it does.", ("spans",)
    ),
    "spans_taken_again": Event((INFO,), "It does again."),
    "stopping": Event((INFO,), "A signal came, or a part ended; what is under way is finished."),
    "subscription_ensured": Event(
        (INFO,),
        "The tenant has its live subscription; the action says how: `kept`, `renewed`, `created`.",
        ("tenant_id", "action", "subscription_id", "expires_at"),
    ),
    "subscription_failed": Event(
        (ERROR,),
        "The tenant's subscription could not be looked after; the problem says what to do.",
        ("tenant_id", "error", "status", "request_id", "problem"),
    ),
    "subscription_not_deleted": Event(
        (WARNING,),
        "A useless subscription could not be deleted; the one that counts is not touched.",
        ("tenant_id", "subscription_id", "error"),
    ),
    "subscription_replaced": Event(
        (WARNING,), "A subscription in the way of ours is deleted.", ("tenant_id", "subscription_id")
    ),
    "tallied": Event((INFO,), "The sums of these days were counted again.", ("days",)),
    "tally_failed": Event((ERROR,), "The sums could not be counted; it is tried again.", ("error",)),
    "thread_crashed": Event((CRITICAL,), "A thread ended on an error that nobody caught.", ("exception",)),
    "tls_connection_cut": Event(
        (INFO,), "A TLS connection was cut in the middle, as a stop does it to a fetch.", ("error",)
    ),
    "tracing_not_started": Event(
        (WARNING,), "Spans are wanted but cannot be sent; the problem says what to do.", ("problem",)
    ),
    "tracing_started": Event((INFO,), "Spans are sent to a collector.", ("role",)),
    "unraisable_error": Event((ERROR,), "An error where Python can raise none.", ("exception",)),
    "worker_started": Event((INFO,), "A worker claims what is due.", ("worker",)),
    "worker_stopped": Event((INFO,), "It has given back what it had not finished.", ("worker",)),
}
