"""What a webhook answered, as far as it matters: its body never does."""

from typing import NamedTuple


class Answer(NamedTuple):
    status: int
    retry_after: str | None = None
    """The headers Retry-After and Date."""
    date: str | None = None


class NotSent(Exception):
    """No answer came. The message is for an administrator: without the URL and without what a server sent."""
