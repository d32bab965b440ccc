"""outcomes: how each call ended, its direction, its way through voice apps, and what is known of resource accounts"""

import sqlalchemy as sa
from alembic import op

from app.db import UtcDateTime

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

INDEX = "ix_call_records_underived_15"
UNDERIVED = "derivation IS NULL OR derivation < 15 OR derived_revision != revision"
COLUMNS = {  # filled by the derivation of calls in the background
    "outcome": sa.Text(),
    "outcome_basis": sa.Text(),
    "outcome_confidence": sa.Text(),
    "outcome_provisional_until": UtcDateTime(),
    "outcome_rows": sa.Text(),
    "direction": sa.Text(),
    "wait_seconds": sa.Double(),
    "talk_seconds": sa.Double(),
}


def upgrade() -> None:
    for name, kind in COLUMNS.items():
        op.add_column("call_records", sa.Column(name, kind, nullable=True))
    op.create_table(
        "voice_app_steps",
        sa.Column("call_key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column(
            "kind",
            sa.String(length=20),
            nullable=False,
            comment="auto_attendant, call_queue, agent, voicemail or number",
        ),
        sa.Column("object_id", sa.Text(), comment="of the resource account or of the agent, in its normal form"),
        sa.Column("name", sa.Text(), comment="as the record says it"),
        sa.Column("start_date_time", UtcDateTime()),
        sa.Column("end_date_time", UtcDateTime()),
        sa.Column("result", sa.Text(), comment="in Microsoft's words, where one is known"),
        sa.Column("agents_offered", sa.Integer(), nullable=False),
        sa.Column("wait_seconds", sa.Double(), comment="in a queue, until an agent answered or the caller left it"),
        sa.PrimaryKeyConstraint("call_key", "position", name=op.f("pk_voice_app_steps")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_voice_app_steps_object_id_start_date_time", "voice_app_steps", ["object_id", "start_date_time"])
    op.create_table(
        "voice_apps",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("object_id", sa.Text(), nullable=False, comment="in its normal form"),
        sa.Column("name", sa.Text(), comment="null where no record and no file names it"),
        sa.Column("kind", sa.String(length=20), nullable=False, comment="auto_attendant or call_queue"),
        sa.Column("is_imported", sa.Boolean(), nullable=False, comment="from a file; else learned from a record"),
        sa.Column("revision", sa.BigInteger(), nullable=False, comment="one higher with each file; 0 where learned"),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.Column("applied_at", UtcDateTime(), comment="when the archived calls of a changed account were marked"),
        sa.PrimaryKeyConstraint("tenant_id", "object_id", name=op.f("pk_voice_apps")),
        sqlite_with_rowid=False,
    )
    underived = sa.text(UNDERIVED)
    op.create_index(INDEX, "call_records", ["key"], sqlite_where=underived, postgresql_where=underived)


def downgrade() -> None:
    op.drop_index(INDEX, "call_records")
    op.drop_table("voice_apps")
    op.drop_table("voice_app_steps")
    for name in reversed(COLUMNS):
        op.drop_column("call_records", name)
