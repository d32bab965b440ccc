"""an index with all that telephony figures read, on SQLite"""

from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

INDEX = "ix_call_log_rows_figures"
COLUMNS = (
    "kind ordered_at tenant_id trunk user_id user_address call_type destination_name direction is_voice_app"
    " successful_call final_sip_code call_end_sub_reason duration talk_seconds start_at invite_at occupied_from"
    " occupied_until currency charge_millionths connection_charge_millionths license_capability"
)


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.create_index(INDEX, "call_log_rows", COLUMNS.split())


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.drop_index(INDEX, "call_log_rows")
