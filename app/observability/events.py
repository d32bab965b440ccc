"""Every event that is logged, at which levels and with which fields: written into docs/reference.md.

A test compares this list with the code in both directions.
"""

from typing import NamedTuple

DEBUG, INFO, WARNING, ERROR, CRITICAL = "debug", "info", "warning", "error", "critical"


class Event(NamedTuple):
    """Its levels, its meaning, and its fields beside `timestamp` and `level`; not every line has every field."""

    levels: tuple[str, ...]
    meaning: str
    fields: tuple[str, ...] = ()


_FAILED = ("tenant_id", "call_id", "attempts", "outcome", "error", "request_id", "client_request_id", "where")
_OUTAGE = ("error", "times")

EVENTS = {
    "addresses_removed": Event(
        (INFO,), "IP and MAC addresses were removed from calls older than PLACE_RETENTION.", ("calls",)
    ),
    "alerts_not_evaluated": Event(
        (ERROR,),
        "Alert rules could not be evaluated; this is retried. At most one line a minute for each cause.",
        _OUTAGE,
    ),
    "audit_retention": Event((INFO,), "Audit rows older than AUDIT_RETENTION were deleted.", ("deleted",)),
    "audit_retention_failed": Event(
        (ERROR,),
        "Old audit rows could not be deleted; this is retried. At most one line a minute for each cause.",
        _OUTAGE,
    ),
    "call_log_failed": Event(
        (WARNING,),
        "A PSTN or Direct Routing log could not be read to its end; the next pass continues.",
        ("tenant_id", "log", "error", "request_id"),
    ),
    "call_log_joins_failed": Event(
        (ERROR,),
        "Rows of the logs could not be joined with calls; this is retried. At most one line a minute for each cause.",
        _OUTAGE,
    ),
    "call_log_read": Event(
        (INFO,),
        "New or changed rows of a PSTN or Direct Routing log were stored; `same` were stored before.",
        ("tenant_id", "log", "days", "new", "changed", "same"),
    ),
    "call_log_refused": Event(
        (WARNING,),
        "Graph refuses a PSTN or Direct Routing log because a permission is missing; it is asked again after a day.",
        ("tenant_id", "log", "error", "request_id"),
    ),
    "call_logs_failed": Event(
        (ERROR,),
        "The logs could not be stored; this is retried. At most one line a minute for each cause.",
        _OUTAGE,
    ),
    "call_saved": Event(
        (INFO,), "A record was stored, complete or as far as Graph has it.", ("tenant_id", "call_id", "version")
    ),
    "calls_matched_again": Event(
        (INFO,), "The number of calls that were matched again after a list of sites changed.", ("calls", "revision")
    ),
    "claim_failed": Event(
        (ERROR,),
        "A worker could not claim due rows of the inbox; it tries again. At most one line a minute for each cause.",
        ("error", "times"),
    ),
    "connections_refused": Event(
        (WARNING,),
        "Connections were closed before their request was complete, or asked for another protocol. At most one line a"
        " minute for each reason; `times` counts the connections since the last line.",
        ("reason", "times"),
    ),
    "crashed": Event((CRITICAL,), "The process ends because of an unhandled error.", ("exception",)),
    "daily_counts_corrected": Event(
        (ERROR,),
        "The counts of a day differed from its calls and were corrected; `rows` of counts were wrong. Please report it,"
        " unless an older program ran beside this one.",
        ("day", "rows"),
    ),
    "daily_counts_failed": Event(
        (ERROR,),
        "Changes of calls could not be added to the counts; this is retried. At most one line a minute for each cause.",
        _OUTAGE,
    ),
    "daily_counts_proof_failed": Event(
        (ERROR,),
        "The counts of a day could not be compared with its calls; this is retried. At most one line a minute for each"
        " cause.",
        _OUTAGE,
    ),
    "daily_counts_upgraded": Event(
        (INFO,), "The number of calls of older programs that were added to the counts.", ("calls",)
    ),
    "departments_not_counted": Event(
        (ERROR,),
        "The counts of departments could not be changed; this is retried. At most one line a minute for each cause.",
        _OUTAGE,
    ),
    "derivation_failed": Event(
        (ERROR,),
        "Calls that an older program saved could not be derived again; this is retried. At most one line a minute for"
        " each cause.",
        _OUTAGE,
    ),
    "database_unavailable": Event(
        (ERROR,),
        "Requests were answered with 503, because the database did not do what they need. At most one line a minute for"
        " each cause; `times` counts the requests since the last line.",
        ("error", "times"),
    ),
    "deferred_notices_moved": Event((INFO,), "Deferred notifications were moved into the inbox.", ("notices",)),
    "deliveries_deleted": Event((INFO,), "Old deliveries of webhooks were deleted.", ("deleted",)),
    "deliveries_failed": Event(
        (ERROR,),
        "Deliveries to webhooks could not be claimed or settled in the database; they are sent again. At most one line"
        " a minute for each cause.",
        _OUTAGE,
    ),
    "deliveries_not_deleted": Event(
        (ERROR,),
        "Old deliveries of webhooks could not be deleted; this is retried. At most one line a minute for each cause.",
        _OUTAGE,
    ),
    "derived": Event(
        (INFO,),
        "The number of calls that were derived again: an older program had saved them, or their outcome may be another"
        " one now.",
        ("calls",),
    ),
    "detail_rows_changed": Event(
        (INFO,),
        "The detail rows of archived calls follow DETAIL_ROWS now: of how many calls they were removed and written.",
        ("setting", "removed", "written"),
    ),
    "detail_rows_failed": Event(
        (ERROR,),
        "Detail rows could not be removed or written as DETAIL_ROWS asks; this is retried. At most one line a minute"
        " for each cause.",
        _OUTAGE,
    ),
    "detail_rows_unreadable": Event(
        (WARNING,),
        "The number of calls that stay as they are although DETAIL_ROWS asks for another state: their documents are"
        " missing or corrupt, or do not give the rows that the call had. Refetch them.",
        ("calls",),
    ),
    "document_unreadable": Event(
        (ERROR,),
        "A call's document is missing or corrupt: it cannot be derived again, and without detail rows its sessions"
        " cannot be shown. Refetch it.",
        ("tenant_id", "call_id"),
    ),
    "entra_sign_in_failed": Event(
        (WARNING,),
        "A sign-in with Entra ID failed: Entra's error number, or the reason why it did not answer.",
        ("code", "error"),
    ),
    "erasure_failed": Event(
        (ERROR,),
        "A person could not be erased because of the database; it is continued. At most one line a minute for each"
        " cause.",
        _OUTAGE,
    ),
    "erasure_finished": Event(
        (INFO,),
        "A person was erased: from how many calls, and how many calls have a document that cannot be read.",
        ("calls", "unreadable"),
    ),
    "event_loop_error": Event((ERROR,), "Unhandled error in a background task.", ("message", "exception")),
    "fetch_failed": Event(
        (INFO, WARNING, ERROR),
        "A fetch failed; the outcome is its row's new state: `again`, `failed`, `expired`, or `stored_incomplete`. "
        "Level info is the normal case of a record that is not ready yet.",
        _FAILED,
    ),
    "file_permissions_corrected": Event(
        (WARNING,),
        "Group or others had permissions of a database or exported file; now only its owner has. `count` files, of"
        " which `files` are the first.",
        ("files", "count"),
    ),
    "file_permissions_not_corrected": Event(
        (WARNING,),
        "Group or others have permissions of a database or exported file, and this user or file system cannot remove"
        " them. Remove them with chmod.",
        ("files", "count"),
    ),
    "key_not_looked_up": Event(
        (ERROR,),
        "Requests were refused because their key could not be looked up in the database. At most one line a minute for"
        " each cause.",
        ("error", "times"),
    ),
    "library": Event(
        (WARNING, ERROR, CRITICAL),
        "A log line of a library, or a Python warning: its first line is in `message`.",
        ("logger", "message", "exception"),
    ),
    "lifecycle_answered": Event(
        (INFO,),
        "Graph's lifecycle event was handled.",
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
        "The database did not store notifications in time. They were answered with 503, and Graph sends them again. At"
        " most one line a minute for each cause; `times` counts the requests since the last line.",
        ("error", "times"),
    ),
    "notifications_stored_again": Event(
        (INFO,), "Notifications can be stored again; for how many seconds they could not.", ("seconds",)
    ),
    "notices_deferred": Event(
        (WARNING,),
        "Rows of the inbox are locked by another transaction, so notifications were stored beside the inbox; a worker"
        " moves them there. At most one line a minute; `times` counts the commits since the last line.",
        ("error", "times"),
    ),
    "notices_not_moved": Event(
        (ERROR,),
        "Deferred notifications could not be moved into the inbox yet; this is retried. At most one line a minute for"
        " each cause.",
        ("error", "times"),
    ),
    "organizers_not_removed": Event(
        (ERROR,),
        "Organizers of finished rows of the inbox could not be removed; this is retried. At most one line a minute for"
        " each cause.",
        _OUTAGE,
    ),
    "prolong_failed": Event(
        (ERROR,),
        "A worker could not extend its claims and tries again; when they expire, another worker may claim the rows. At"
        " most one line a minute for each cause.",
        ("error", "times"),
    ),
    "read_not_recorded": Event(
        (ERROR,),
        "Reads were refused because they could not be recorded in the audit. At most one line a minute for each cause.",
        ("error", "times"),
    ),
    "read_stalled": Event(
        (WARNING,), "A client took no more of its answer for 30 seconds; its connection is closed.", ("route",)
    ),
    "read_too_slow": Event(
        (WARNING,), "A statement of a read was stopped at its limit; the caller got 504.", ("route", "seconds")
    ),
    "reading_process_failed": Event(
        (WARNING,),
        "The second process of a worker, which reads records, did not start or ended; the worker reads them itself, and"
        " starts it again after these seconds.",
        ("error", "again_in"),
    ),
    "match_again_failed": Event(
        (ERROR,),
        "Calls could not be matched again after a list of sites changed; this is retried. At most one line a minute for"
        " each cause.",
        _OUTAGE,
    ),
    "place_retention_failed": Event(
        (ERROR,),
        "Addresses could not be removed from old calls; this is retried. At most one line a minute for each cause.",
        _OUTAGE,
    ),
    "reclassified": Event(
        (INFO,), "The number of calls that were classified again by this rule set.", ("calls", "rules")
    ),
    "reclassify_failed": Event(
        (ERROR,),
        "Calls could not be classified again by another rule set; this is retried. At most one line a minute for each"
        " cause.",
        _OUTAGE,
    ),
    "reconcile_failed": Event(
        (WARNING, ERROR),
        "A sweep of Graph's list broke off; it continues in a minute, with the slice in which it broke off."
        " Errors of the database are logged for all tenants together, at most once a minute for each cause.",
        ("tenant_id", "error", "request_id", "times"),
    ),
    "reconciled": Event((INFO,), "A sweep of Graph's list is complete.", ("tenant_id", "listed", "queued")),
    "record_form_not_stored": Event(
        (WARNING,),
        "The requests in which Graph gives a record could not be read from the database or stored there; after a "
        "restart they are found out again.",
        ("tenant_id", "error"),
    ),
    "refusals_ended": Event(
        (INFO,),
        "Graph gives records of these tenants again; `made_due` counts those that had failed in the meantime.",
        ("tenants", "made_due"),
    ),
    "refusals_not_ended": Event(
        (ERROR,), "The same could not be stored; the next record that is stored tries again.", ("error",)
    ),
    "release_failed": Event(
        (ERROR,), "A stopping worker could not release its claims; they expire automatically.", ("error",)
    ),
    "request_failed": Event(
        (ERROR,),
        "A request failed because of an internal error.",
        ("route", "error"),
    ),
    "retention": Event((INFO,), "Calls older than RETENTION were deleted: number of rows by table.", ("deleted",)),
    "retention_failed": Event((ERROR,), "Retention could not delete calls; it tries again in an hour.", _OUTAGE),
    "retry_not_stored": Event(
        (ERROR,),
        "The result of a failed fetch could not be stored while its claim lasted; the row becomes due when the claim"
        " expires. At most one line a minute for each cause.",
        ("error", "times"),
    ),
    "rate_not_shared": Event(
        (ERROR,),
        "A worker could not count the other workers; its share of GRAPH_RATE stays as it is.",
        ("error", "times"),
    ),
    "replica_not_used": Event(
        (WARNING,), "`DATABASE_READ_URL` lags or does not answer: `DATABASE_URL` is read instead.", ("reason",)
    ),
    "replica_used": Event((INFO,), "`DATABASE_READ_URL` is up to date and is read from now on.", ()),
    "save_failed": Event(
        (ERROR,),
        "The database did not store the result of a fetch; the worker tries again while its claim lasts. At most one"
        " line a minute for each cause.",
        ("error", "times"),
    ),
    "serving": Event((INFO,), "The service listens at this URL.", ("url",)),
    "signing_keys_not_fetched": Event(
        (WARNING,), "Entra's signing keys could not be fetched; the known ones stay in use.", ("tenant_id", "error")
    ),
    "spans_not_taken": Event(
        (WARNING,), "The OpenTelemetry collector does not accept spans; logged once until it does.", ("spans",)
    ),
    "spans_taken_again": Event((INFO,), "The OpenTelemetry collector accepts spans again."),
    "stopping": Event((INFO,), "A signal arrived, or a part ended; work in progress is completed."),
    "stop_forced": Event(
        (ERROR,),
        "The process ended itself with status 1, because a part of it did not stop in time: a login, the database or"
        " Graph did not answer. Nothing that was acknowledged is lost; claims expire automatically.",
        ("seconds",),
    ),
    "sweep_continued": Event(
        (INFO,),
        "A sweep of Graph's list that broke off, here or in another process, continues: all calls that started before "
        "the position are listed.",
        ("tenant_id", "position"),
    ),
    "sweep_taken_over": Event(
        (WARNING,),
        "Another process continues this sweep of Graph's list, because this one did not prolong its lease in time.",
        ("tenant_id",),
    ),
    "sweep_window_narrowed": Event(
        (WARNING,),
        "Graph answered 400 to a bound of the list's window; the list is read with a wider margin at both ends. Check "
        "this machine's clock.",
        ("tenant_id", "margin_seconds", "error", "request_id"),
    ),
    "subscription_ensured": Event(
        (INFO,),
        "The tenant has a live subscription; the action is `kept`, `renewed` or `created`.",
        ("tenant_id", "action", "subscription_id", "expires_at"),
    ),
    "subscription_failed": Event(
        (ERROR,),
        "The tenant's subscription could not be checked or renewed; the problem says what to do."
        " Errors of the database are logged for all tenants together, at most once a minute for each cause.",
        ("tenant_id", "error", "status", "request_id", "problem", "times"),
    ),
    "subscription_not_deleted": Event(
        (WARNING,),
        "An unused subscription could not be deleted; the live one is not affected.",
        ("tenant_id", "subscription_id", "error"),
    ),
    "subscription_replaced": Event(
        (WARNING,), "Another subscription blocked ours and was deleted.", ("tenant_id", "subscription_id")
    ),
    "thread_crashed": Event((CRITICAL,), "A thread ended because of an unhandled error.", ("exception",)),
    "tls_connection_cut": Event(
        (INFO,), "A TLS connection was closed early, for example because a stop interrupted a fetch.", ("error",)
    ),
    "tracing_not_started": Event(
        (WARNING,), "Tracing is configured but cannot start; the problem says what to do.", ("problem",)
    ),
    "tracing_started": Event((INFO,), "Spans are sent to a collector.", ("role",)),
    "unraisable_error": Event((ERROR,), "An error at a point where Python cannot raise it.", ("exception",)),
    "voice_apps_changed": Event(
        (INFO,), "The number of calls that are judged again, because the list of resource accounts changed.", ("calls",)
    ),
    "voice_apps_failed": Event(
        (ERROR,),
        "Calls could not be marked after the list of resource accounts changed; this is retried. At most one line a"
        " minute for each cause.",
        _OUTAGE,
    ),
    "webhook_disabled": Event(
        (ERROR,),
        "Nothing more is delivered to a webhook: it asked for that (410), or no delivery succeeded for three days.",
        ("webhook_id", "reason"),
    ),
    "worker_started": Event((INFO,), "A worker started and claims due rows.", ("worker",)),
    "worker_stopped": Event((INFO,), "A worker stopped and released its unfinished rows.", ("worker",)),
}
