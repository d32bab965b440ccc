"""The window of List: Graph refuses a time bound outside of its retention, by its own clock."""

from datetime import datetime, timedelta

from app.simulator.errors import bad_request
from app.simulator.graph.odata import Filter


def check_window(wanted: Filter, now: datetime, retention: timedelta) -> None:
    """GraphError 400 with an invented message: Graph's message is not published, so no client may depend on it."""
    for _, bound in wanted.starts:
        if bound < now - retention:
            raise bad_request(f"startDateTime must lie within the last {retention.days} days.")
        if bound > now:
            raise bad_request("startDateTime must not lie in the future.")
