"""who was in which call, and what it was held with"""
# ruff: noqa: S608 -- the texts are made of names in this file

from collections import defaultdict

import orjson
import sqlalchemy as sa
from alembic import op

from app.archive.parse.identities.identifiers import folded
from app.archive.parse.identities.person_keys import Person
from app.archive.schema.microseconds import microseconds
from app.db import UtcDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

CHUNK = 500  # calls at a time

WITHIN = "call_key BETWEEN :first AND :last"
PERSON_MEDIA = """
    SELECT m.call_key, m.{side}_network_{column} FROM media m JOIN segments s
    ON s.call_key = m.call_key AND s.session_position = m.session_position AND s.segment_position = m.segment_position
    WHERE m.call_key BETWEEN :first AND :last AND coalesce(s.{side}_type, '') <> 'serviceEndpoint'
"""
FACETS = {
    "platforms": [
        f"SELECT call_key, {side}_user_agent_platform FROM {table} WHERE {WITHIN}"
        for side in ("caller", "callee")
        for table in ("sessions", "segments")
    ],
    "product_families": [
        f"SELECT call_key, {side}_user_agent_product_family FROM {table} WHERE {WITHIN}"
        for side in ("caller", "callee")
        for table in ("sessions", "segments")
    ],
    "connection_types": [PERSON_MEDIA.format(side=side, column="connection_type") for side in ("caller", "callee")],
    "wifi_bands": [PERSON_MEDIA.format(side=side, column="wifi_band") for side in ("caller", "callee")],
    "audio_codecs": [f"SELECT call_key, audio_codec FROM streams WHERE {WITHIN}"],
}
PARTIES = f"""
    SELECT call_key, coalesce(nullif(identity_id, ''), participant_id), identity_user_principal_name, identity_display_name
    FROM participants WHERE {WITHIN}
"""
CALLS = sa.text("""
    SELECT key, tenant_id, ordered_at, coalesce(nullif(organizer_identity_id, ''), organizer_id),
    organizer_identity_user_principal_name, organizer_identity_display_name
    FROM call_records WHERE key BETWEEN :first AND :last
""").columns(ordered_at=UtcDateTime())


def upgrade() -> None:
    for facet in FACETS:
        op.add_column("call_records", sa.Column(facet, sa.Text(), nullable=True))
    people = op.create_table(
        "people",
        sa.Column("key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("user_principal_name", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_people")),
        sa.UniqueConstraint(
            "person_id",
            "tenant_id",
            "user_principal_name",
            "name",
            name=op.f("uq_people_person_id_tenant_id_user_principal_name_name"),
        ),
    )
    op.create_index("ix_people_user_principal_name", "people", ["user_principal_name"], unique=False)
    call_people = op.create_table(
        "call_people",
        sa.Column("person_key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("call_key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("is_organizer", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("person_key", "at", "call_key", name=op.f("pk_call_people")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_call_people_call_key", "call_people", ["call_key"], unique=False)
    op.create_index(
        "ix_call_people_organizer",
        "call_people",
        ["person_key", "at", "call_key"],
        unique=False,
        sqlite_where=call_people.c.is_organizer == sa.true(),
        postgresql_where=call_people.c.is_organizer,
    )
    fill(op.get_bind(), people, call_people)


def downgrade() -> None:
    op.drop_table("call_people")
    op.drop_table("people")
    for facet in FACETS:
        op.drop_column("call_records", facet)


def fill(db: sa.Connection, people: sa.Table, call_people: sa.Table) -> None:
    """From the typed rows of what is archived, some calls at a time."""
    keys: dict[Person, int] = {}
    newest = db.scalar(sa.text("SELECT max(key) FROM call_records")) or 0
    for first in range(1, newest + 1, CHUNK):
        within = {"first": first, "last": first + CHUNK - 1}
        fill_people(db, within, keys, people, call_people)
        for facet, queries in FACETS.items():
            fill_facet(db, within, facet, queries)
    if keys and db.dialect.name == "postgresql":
        db.execute(sa.text("SELECT setval(pg_get_serial_sequence('people', 'key'), max(key)) FROM people"))


def fill_people(db, within, keys, people, call_people) -> None:
    parties = defaultdict(list)
    for call_key, *party in db.execute(sa.text(PARTIES), within):
        parties[call_key].append(party)
    known, index = len(keys), []
    for call_key, tenant_id, ordered_at, *organizer in db.execute(CALLS, within):
        found = {Person(tenant_id, *map(folded, party)): False for party in parties[call_key]}
        found[Person(tenant_id, *map(folded, organizer))] = True
        found.pop(Person(tenant_id, "", "", ""), None)
        for person, is_organizer in found.items():
            key = keys.setdefault(person, len(keys) + 1)
            index.append((key, microseconds(ordered_at), call_key, is_organizer))
    if new := list(keys.items())[known:]:
        db.execute(people.insert(), [{"key": key, **person._asdict()} for person, key in new])
    if index:
        db.execute(call_people.insert(), [dict(zip(call_people.c.keys(), row, strict=True)) for row in index])


def fill_facet(db, within, facet, queries) -> None:
    found = defaultdict(set)
    for query in queries:
        for call_key, value in db.execute(sa.text(query), within):
            found[call_key].add(value)
    rows = [
        {"call_key": key, "found": orjson.dumps(sorted(filter(None, values))).decode()} for key, values in found.items()
    ]
    if rows := [row for row in rows if row["found"] != "[]"]:
        db.execute(sa.text(f"UPDATE call_records SET {facet} = :found WHERE key = :call_key"), rows)
