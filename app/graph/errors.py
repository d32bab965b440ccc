"""What can go wrong at Graph, named for what the caller does next.

GraphError
├── Throttled      wait for retry_after, then send again
├── Unavailable    send again, a little later each time
│   └── BadResponse    likewise: the answer came, but it is not one
├── Changed        read the record again from its start
├── LoginFailed    a person must look at the credential; nothing else will work meanwhile
├── NotFound       not ready yet, deleted, or never existed: only the age of the notification shows which
├── Conflict       the same subscription exists already
└── Refused        retrying alone will not help
"""


class GraphError(Exception):
    """str() is one sentence for a log or a page: no token, no secret, no person.

    `reason` is Graph's own code and message where it gave them: one line, at most 300 characters.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        code: str | None = None,
        request_id: str | None = None,
        client_request_id: str | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.request_id = request_id
        self.client_request_id = client_request_id
        self.reason = ""


class Throttled(GraphError):
    """`retry_after` is in seconds, never negative; None where Graph did not say."""

    retry_after: float | None = None


class Unavailable(GraphError):
    """Graph, or the way to it, is down: 5xx, a timeout, a cut connection."""


class BadResponse(Unavailable):
    """An answer came that is none: truncated, not JSON, of another id, a redirect."""


class Changed(GraphError):
    """The record's version changed while its pages were read."""


class LoginFailed(GraphError):
    """The login gives no token, or Graph answers 401 to a fresh one."""


class NotFound(GraphError):
    """404, which Graph also gives for a record that is not ready yet."""


class Conflict(GraphError):
    """409; `subscription_id` is the subscription in the way, where Graph named it."""

    subscription_id: str | None = None


class Refused(GraphError):
    """Any other 4xx; `reason` is for people."""
