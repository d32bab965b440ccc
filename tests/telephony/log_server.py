"""A log of calls as Graph would return it, to the client of the synchronisation; and what it was asked for."""

from datetime import datetime, timedelta

from app.graph.errors import Refused

PAGE = 1000


def refused(status):
    return Refused(f"Graph refused this ({status} )", status=status)


class LogServer:
    """Rows by kind, in the order in which they were added; both ends of a range are included."""

    def __init__(self):
        self.rows = {"pstn": [], "direct_routing": []}
        self.asked = []
        self.fail = lambda _since, _until: None
        self.page = PAGE

    def add(self, kind, start, **changes):
        """A row of a call that started then."""
        number = len(self.rows[kind])
        row = {"id": f"{kind}-{number}", "startDateTime": start.isoformat(), "callType": "user_out", **changes}
        self.rows[kind].append(row)
        return row

    def days_asked(self, kind="pstn"):
        return [since.date().isoformat() for asked, since, _ in self.asked if asked == kind]

    async def call_log(self, kind, since, until):
        self.asked.append((kind, since, until))
        if error := self.fail(since, until):
            raise error
        inside = [row for row in self.rows[kind] if since <= start_of(row) <= until + timedelta(seconds=1)]
        for start in range(0, max(len(inside), 1), self.page):
            yield inside[start : start + self.page]


def start_of(row):
    return datetime.fromisoformat(row["startDateTime"])
