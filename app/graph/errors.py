"""The failures of Graph, named for what the caller does next.

GraphError
├── Throttled      wait for retry_after, then send again
├── Unavailable    send again, a little later each time
│   └── BadResponse    likewise: an answer arrived, but it is not valid
├── Changed        read the record again from its start
├── LoginFailed    an administrator must check the credential; all other requests fail meanwhile
├── NotFound       not available yet, no longer, or never: only the age of the notification shows which
├── Conflict       the same subscription exists already
└── Refused        a retry alone will not help
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
    """Graph or the network is not available: 5xx, a timeout, a broken connection."""


class BadResponse(Unavailable):
    """The answer is not valid: truncated, not JSON, about another id, a redirect."""


class Changed(GraphError):
    """The record's version changed while its pages were read."""


class LoginFailed(GraphError):
    """The login returns no token, or Graph answers 401 to a new one."""


class NotFound(GraphError):
    """404, which Graph also gives for a record that is not ready yet."""


class Conflict(GraphError):
    """409; `subscription_id` is the existing subscription, where Graph named it."""

    subscription_id: str | None = None


class Refused(GraphError):
    """Any other 4xx; `reason` says why."""
