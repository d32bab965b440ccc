"""how far each sweep has come, and the kind of a row's last error"""

import sqlalchemy as sa
from alembic import op

from app.db import UtcDateTime

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

# As programs up to 0009 wrote the error: the name of its class, a colon, and the text.
KINDS = {
    "NotFound: ": "not_found",
    "Refused: ": "refused",
    "Throttled: ": "throttled",
    "Unavailable: ": "unavailable",
    "BadResponse: ": "bad_response",
    "Changed: ": "changed",
    "LoginFailed: ": "login_failed",
    "Conflict: ": "conflict",
    "internal error: ": "internal",
    "stored incomplete: ": "incomplete",
}
RAN_OUT = "Graph's 30 days ran out; last: "


def upgrade() -> None:
    op.create_table(
        "sweeps",
        sa.Column("tenant_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False, comment="reconcile: the schedule's; backfill: by hand"),
        sa.Column("sweeper", sa.String(), nullable=False, comment="the process that reads the list now, or did last"),
        sa.Column("begun_at", UtcDateTime(), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False, comment="calls that started before are not listed"),
        sa.Column("until", UtcDateTime(), nullable=True, comment="calls that started then or later are not listed"),
        sa.Column("position", UtcDateTime(), nullable=False, comment="all calls that started before are listed"),
        sa.Column(
            "margin",
            sa.Double(),
            nullable=False,
            comment="seconds between Graph's window and ours; more after a 400",
        ),
        sa.Column("length", sa.Double(), nullable=False, comment="seconds of call start in the next slice"),
        sa.Column("listed", sa.BigInteger(), nullable=False),
        sa.Column("queued", sa.BigInteger(), nullable=False),
        sa.Column("gap_since", UtcDateTime(), nullable=True, comment="the gap in the notifications that it closes"),
        sa.Column("refusal", sa.Text(), nullable=True, comment="what Graph said when it refused the window"),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "kind"),
    )
    op.add_column("inbox", sa.Column("error_kind", sa.String(20), nullable=True, comment="what last_error is about"))
    _fill()


def _fill() -> None:
    inbox = sa.table("inbox", sa.column("last_error", sa.Text), sa.column("error_kind", sa.String))
    for prefix, kind in KINDS.items():
        told = sa.or_(*(inbox.c.last_error.like(f"{before}{prefix}%") for before in ("", RAN_OUT)))
        op.execute(sa.update(inbox).where(told).values(error_kind=kind))


def downgrade() -> None:
    op.drop_column("inbox", "error_kind")
    op.drop_table("sweeps")
