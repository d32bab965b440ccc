"""docs/data-dictionary.md, written from the tables so that the two cannot disagree (a test compares them)."""

import importlib
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

from sqlalchemy import Column, Table

from app.archive.schema import call_log_types, graph_types
from app.archive.schema.dimensions import DIMENSION_COLUMNS
from app.archive.schema.graph_types import Kind, Shape
from app.cli.docs import meanings
from app.db import metadata
from app.export.dataset import Dataset
from app.export.log_tables import LOG_TABLES

# The modules whose tables are in the metadata once they are imported.
MODULES = (
    "app.access.tables",
    "app.alerts.tables",
    "app.archive.detail.changes",
    "app.archive.erasure.digests",
    "app.archive.erasure.requests.table",
    "app.archive.schema.call_log_tables",
    "app.archive.schema.count_tables",
    "app.archive.schema.daily_tables",
    "app.archive.schema.department_tables",
    "app.archive.schema.directory_table",
    "app.archive.schema.outcome_tables",
    "app.archive.schema.site_tables",
    "app.archive.schema.tables",
    "app.archive.upgrade.reclassifications",
    "app.db.lease",
    "app.db.outage.write_probe",
    "app.db.secrets.shared_secret",
    "app.export.known_folders",
    "app.fetch.reconciliation.progress",
    "app.inbox.deferred",
    "app.inbox.model",
    "app.inbox.tenant_state",
    "app.outbox.tables",
    "app.subscriptions.model",
)
_HEAD = """\
# Data dictionary

Every table and column of the database, for programs that read it directly. `callkeeper export` writes the tables of
calls with the same names, and the rows of logs as the last two tables of this page; see
[Exporting and deleting](exporting-and-deleting.md). Times are in UTC. *Graph* in the
last column names the property of the
[call record](https://learn.microsoft.com/graph/api/resources/callrecords-callrecord) that the column contains. Tables
change only with a [new version](upgrades.md), and only by additions.

Written by `python -m app.cli.docs.data_dictionary > docs/data-dictionary.md`; a test compares this page with the code.
"""
_SHAPES: dict[str, tuple[Shape, ...]] = {
    "call_records": (graph_types.CALL_RECORD, graph_types.ORGANIZER),
    "participants": (graph_types.PARTICIPANT,),
    "administrative_units": (graph_types.ADMINISTRATIVE_UNIT,),
    "sessions": (graph_types.SESSION,),
    "segments": (graph_types.SEGMENT,),
    "media": (graph_types.MEDIA,),
    "streams": (graph_types.STREAM,),
    "trace_route_hops": (graph_types.HOP,),
    "call_log_rows": (call_log_types.COLUMNS,),
    "people": (graph_types.prefixed("identity_", graph_types.IDENTITY),),
}
_OWNERS = (
    "caller_",
    "callee_",
    "organizer_",
    "identity_",
    "feedback_",
    "user_agent_",
    "device_",
    "network_",
    "failure_",
)


def render() -> str:
    """The complete page."""
    return _HEAD + "".join(_section(table) for table in tables()) + "".join(_exported(one) for one in LOG_TABLES)


@cache
def tables() -> list[Table]:
    """By name."""
    for module in MODULES:
        importlib.import_module(module)
    return sorted(metadata.tables.values(), key=lambda table: table.name)


def _section(table: Table) -> str:
    return _described(table.name, table.comment or meanings.TABLES.get(table.name, ""), table.columns)


def _exported(dataset: Dataset) -> str:
    return _described(dataset.name, meanings.EXPORTED[dataset.name], dataset.columns)


def _described(name: str, text: str, columns: Iterable[Column[Any]]) -> str:
    rows = "".join(f"| `{column.name}` | {_type(column)} | {meaning(column)} |\n" for column in columns)
    return f"\n## {name}\n\n{text}\n\n| column | type | meaning |\n|---|---|---|\n{rows}"


def _type(column: Column[Any]) -> str:
    name = type(column.type).__name__
    text = {
        "UtcDateTime": "time",
        "LargeBinary": "bytes",
        "BigInteger": "integer",
        "Double": "number",
        "ExactDecimal": "decimal",
        "String": "text",
    }.get(name)
    return f"{text or name.lower()}{', key' if column.primary_key else ''}"


def meaning(column: Column[Any]) -> str:
    """From the words of this page, from the comment, or the property of Graph; empty if there is none."""
    words = meanings.COLUMNS.get(f"{_table(column)}.{column.name}") or column.comment
    if words is None and column.name in DIMENSION_COLUMNS:
        words = "values that occur in the call, as a JSON list"
    return words or _of_graph(column) or meanings.COLUMNS.get(column.name, "")


def _table(column: Column[Any]) -> str:
    return str(getattr(column.table, "name", ""))  # a column of exports alone has no table


def _of_graph(column: Column[Any]) -> str:
    """The property, with the object that has it: caller network, subnet."""
    fields = (field for shape in _SHAPES.get(_table(column), ()) for field in shape if field.column == column.name)
    field = next(fields, None)
    if field is None:
        return ""
    if not field.property:
        return "key under which Graph has the identity: `user`, `guest`, `phone` and others" * column.name.endswith(
            "kind"
        )
    seconds = " in seconds" if field.kind is Kind.SECONDS else ""
    owner = " ".join(_owners(column.name))
    return f"Graph: {owner + ' ' if owner else ''}`{field.property}`{seconds}"


def _owners(name: str) -> Iterator[str]:
    while prefix := next((prefix for prefix in _OWNERS if name.startswith(prefix)), None):
        yield prefix.rstrip("_").replace("_", " ")
        name = name.removeprefix(prefix)


if __name__ == "__main__":
    print(render(), end="")
