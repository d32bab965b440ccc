"""What each exported table holds: the call it belongs to, then its own columns; none of our own numbers."""

from typing import Any

import orjson
from sqlalchemy import Boolean, Column, Table, Text, select

from app.archive.documents.codec import unpack
from app.archive.parse.identities.took_part import SeenIn, is_person
from app.archive.schema.tables import CHILDREN, DETAIL, call_people, call_records, documents, people
from app.export.dataset import Dataset
from app.export.log_tables import LOG_TABLES

c = call_records.c

CALL = (c.tenant_id, c.call_id, c.version)
IDENTITY = ("id", "display_name", "user_principal_name", "tenant_id")
OURS = {
    "key",
    "call_key",
    "derivation",
    "derived_revision",
    "join_url_key",
    "has_detail",
    "outcome_rows",
}  # keys change when a call is deleted and fetched again


def _calls() -> Dataset:
    columns = (*CALL, *(column for column in c if column not in CALL and column.name not in OURS))
    return Dataset("call_records", columns, select(*columns).order_by(c.key))


def _children(table: Table) -> Dataset:
    columns = (*CALL, *(column for column in table.c if column.name not in OURS))
    if "quality" in table.c:
        columns = (*columns, c.quality_rules)  # by which rule set
    joined = table.join(call_records, c.key == table.c.call_key)
    rows = select(*columns).select_from(joined).order_by(*table.primary_key)
    return Dataset(str(table.name), columns, rows, detail=table if table in DETAIL else None)


def _documents() -> Dataset:
    """The current version of each call."""
    in_force = (c.key == documents.c.call_key) & (c.version == documents.c.version)
    columns = (*CALL, documents.c.stored_at, documents.c.document)
    joined = documents.join(call_records, in_force)
    rows = select(*columns).select_from(joined).order_by(c.key)
    return Dataset("documents", columns, rows, lambda row: (*row[:-1], unpack(row[-1]).decode(errors="replace")))


def _people() -> Dataset:
    """Who took part in each call, by every part of the record that names people."""
    own = (people.c.person_id, *(people.c[f"identity_{name}"] for name in IDENTITY), call_people.c.is_organizer)
    joined = call_people.join(call_records, c.key == call_people.c.call_key)
    joined = joined.join(people, people.c.key == call_people.c.person_key)
    rows = select(*CALL, *own, call_people.c.kind, call_people.c.seen_in).select_from(joined)
    more = (call_people.c.kind, Column("is_person", Boolean), Column("seen_in", Text))
    return Dataset("call_people", (*CALL, *own, *more), rows.order_by(c.key, people.c.key), _person)


def _person(row: Any) -> tuple[Any, ...]:
    *own, kind, seen_in = row
    places = None if seen_in is None else orjson.dumps(SeenIn(seen_in).names()).decode()
    return (*own, kind, is_person(kind), places)


_ALL = (_calls(), _people(), *(_children(table) for table in CHILDREN), _documents(), *LOG_TABLES)
DATASETS = {dataset.name: dataset for dataset in _ALL}
