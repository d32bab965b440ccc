"""The rows of the two logs of each tenant. A row may appear late, and its content may change."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

PSTN, DIRECT_ROUTING = "pstn", "direct_routing"
KINDS = (PSTN, DIRECT_ROUTING)

Row = dict[str, Any]


class Content(NamedTuple):
    visible_at: datetime
    row: Row


class CallLogs:
    def __init__(self) -> None:
        self.rows: defaultdict[tuple[str, str], dict[str, list[Content]]] = defaultdict(dict)

    def put(self, tenant_id: str, kind: str, rows: Sequence[Row], visible_at: datetime) -> None:
        """Add rows, or new contents of rows with the same id; KeyError for a row without an id or a start."""
        if kind not in KINDS:
            raise ValueError(f"kind is one of {', '.join(KINDS)}")
        for row in rows:
            datetime.fromisoformat(row["startDateTime"])
            self.rows[tenant_id, kind].setdefault(row["id"], []).append(Content(visible_at, row))

    def between(
        self, tenant_id: str, kind: str, since: datetime, until: datetime, now: datetime, *, inclusive: bool
    ) -> list[Row]:
        """The rows that are visible now, by id: Graph promises no order."""
        found = []
        for _, contents in sorted(self.rows[tenant_id, kind].items()):
            visible = [content.row for content in contents if content.visible_at <= now]
            if visible:
                start = datetime.fromisoformat(visible[-1]["startDateTime"])
                if since <= start < until or (inclusive and start == until):
                    found.append(visible[-1])
        return found
