"""how the streams of each day went, and with what"""
# ruff: noqa: S608 -- the texts are made of names in this file

from collections import defaultdict

import sqlalchemy as sa
from alembic import op

from app.archive.parse.call_dimensions import DEVICE, END, NETWORK, NONE, CallDimensions, is_service
from app.archive.schema.periods import day_of
from app.db import UtcDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

CHUNK = 500  # calls at a time

FACETS = ("client_versions", "devices", "subnets", "transports", "relays", "video_codecs")
SIDES = ("caller", "callee")

WITHIN = "WHERE call_key BETWEEN :first AND :last"
ENDS = ", ".join(f"{side}_{name}" for side in SIDES for name in END)
NETWORKS = ", ".join(f"{side}_network_{name}" for side in SIDES for name in NETWORK)
DEVICES = ", ".join(f"{side}_device_{name}" for side in SIDES for name in DEVICE)

CALLS = sa.text("SELECT key, ordered_at FROM call_records WHERE key BETWEEN :first AND :last").columns(
    ordered_at=UtcDateTime()
)
SESSIONS = f"SELECT call_key, {ENDS} FROM sessions {WITHIN}"
SEGMENTS = f"SELECT call_key, session_position, segment_position, {ENDS} FROM segments {WITHIN}"
MEDIA = f"""
    SELECT call_key, session_position, segment_position, media_position, {NETWORKS}, {DEVICES} FROM media {WITHIN}
"""
STREAMS = f"""
    SELECT call_key, session_position, segment_position, media_position, audio_codec, video_codec, quality
    FROM streams {WITHIN}
"""


def upgrade() -> None:
    for facet in FACETS:
        op.add_column("call_records", sa.Column(facet, sa.Text(), nullable=True))
    call_tallies = op.create_table(
        "call_tallies",
        sa.Column("call_key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("tallies", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("call_key", name=op.f("pk_call_tallies")),
    )
    untallied_days = op.create_table(
        "untallied_days",
        sa.Column("key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("day", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_untallied_days")),
    )
    op.create_table(
        "day_tallies",
        sa.Column("dimension", sa.Text(), nullable=False),
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("streams", sa.BigInteger(), nullable=False),
        sa.Column("judged", sa.BigInteger(), nullable=False),
        sa.Column("poor", sa.BigInteger(), nullable=False),
        sa.Column("calls", sa.BigInteger(), nullable=False),
        sa.Column("poor_calls", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("dimension", "day", "tenant_id", "position", name=op.f("pk_day_tallies")),
        sqlite_with_rowid=False,
    )
    fill(op.get_bind(), call_tallies, untallied_days)


def downgrade() -> None:
    for table in ("day_tallies", "untallied_days", "call_tallies"):
        op.drop_table(table)
    for facet in FACETS:
        op.drop_column("call_records", facet)


def fill(db: sa.Connection, call_tallies: sa.Table, untallied_days: sa.Table) -> None:
    """From the typed rows of what is archived, some calls at a time; the service counts the days afterwards."""
    newest = db.scalar(sa.text("SELECT max(key) FROM call_records")) or 0
    days = set()
    for first in range(1, newest + 1, CHUNK):
        within = {"first": first, "last": first + CHUNK - 1}
        found = gathered(db, within)
        rows = [
            {"call_key": key, "day": day_of(ordered_at), "tallies": found[key].counts()}
            for key, ordered_at in db.execute(CALLS, within)
        ]
        if rows:
            db.execute(call_tallies.insert(), rows)
            set_facets(db, found)
            days |= {row["day"] for row in rows}
    if days:
        db.execute(untallied_days.insert(), [{"day": day} for day in sorted(days)])


def gathered(db, within) -> defaultdict[int, CallDimensions]:
    facets = defaultdict(CallDimensions)
    in_media, in_segment = defaultdict(lambda: NONE), defaultdict(lambda: NONE)
    for key, session, segment, number, *codecs, quality in db.execute(sa.text(STREAMS), within):
        one = facets[key].add_stream(codecs, quality)
        in_media[key, session, segment, number] = in_media[key, session, segment, number].plus(one)
        in_segment[key, session, segment] = in_segment[key, session, segment].plus(one)
    people = {}
    for key, session, segment, *values in db.execute(sa.text(SEGMENTS), within):
        ends = halves(values)
        people[key, session, segment] = [not is_service(end) for end in ends]
        facets[key].add_ends(ends, in_segment[key, session, segment])
    for key, *values in db.execute(sa.text(SESSIONS), within):
        facets[key].add_ends(halves(values))
    for key, session, segment, number, *values in db.execute(sa.text(MEDIA), within):
        here = people.get((key, session, segment), [True, True])
        networks, devices = halves(values[: 2 * len(NETWORK)]), halves(values[2 * len(NETWORK) :])
        networks = [network for network, person in zip(networks, here, strict=True) if person]
        devices = [device for device, person in zip(devices, here, strict=True) if person]
        facets[key].add_media(networks, devices, in_media[key, session, segment, number])
    return facets


def halves(values):
    """The caller's and the callee's."""
    middle = len(values) // 2
    return values[:middle], values[middle:]


def set_facets(db, found) -> None:
    rows = [{"call_key": key, **{facet: facets.columns()[facet] for facet in FACETS}} for key, facets in found.items()]
    columns = ", ".join(f"{facet} = :{facet}" for facet in FACETS)
    if rows := [row for row in rows if any(row[facet] for facet in FACETS)]:
        db.execute(sa.text(f"UPDATE call_records SET {columns} WHERE key = :call_key"), rows)
