"""sites: the building file, the egress ranges and access points beside it, and where the endpoints of calls were"""

import sqlalchemy as sa
from alembic import op

from app.db import Key, UtcDateTime

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

LISTS = ("sites", "networks", "inside_values", "wired_values", "vpn_values", "access_points")
PLACES = ("ownership_type", "building_type", "office_type", "city", "zip_code", "country", "state", "region")
POSITIONS = ("session_position", "segment_position", "media_position")
UNDERIVED = "derivation IS NULL OR derivation < 14 OR derived_revision != revision"
CONFLICTS = "method = 'address_not_subnet'"


def upgrade() -> None:
    _lists()
    _calls()
    for name in LISTS:  # filled by the derivation of calls in the background
        op.add_column("call_records", sa.Column(name, sa.Text(), nullable=True))
    op.add_column("call_records", sa.Column("sites_revision", sa.BigInteger(), nullable=True))
    op.add_column("call_records", sa.Column("addresses_removed_at", UtcDateTime(), nullable=True))
    op.add_column(
        "api_keys", sa.Column("sites", sa.Text(), nullable=True, comment="a JSON list; null means every site")
    )
    underived = sa.text(UNDERIVED)
    op.create_index(
        "ix_call_records_underived_14", "call_records", ["key"], sqlite_where=underived, postgresql_where=underived
    )


def _lists() -> None:
    """What is imported."""
    op.create_table(
        "site_files",
        sa.Column("key", Key, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False, comment="buildings, egress or access_points"),
        sa.Column("imported_at", UtcDateTime(), nullable=False),
        sa.Column("valid_from", sa.String(length=10), comment="the first day; null means from the beginning"),
        sa.Column("valid_to", sa.String(length=10), comment="the last day; null means without an end"),
        sa.Column("row_count", sa.Integer(), nullable=False),
        sa.Column(
            "sha256", sa.String(length=64), nullable=False, comment="of its rows: the same list again changes nothing"
        ),
        sa.Column("removed_at", UtcDateTime(), comment="calls are not matched with its rows any more"),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_site_files")),
    )
    op.create_table(
        "site_networks",
        sa.Column("key", Key, nullable=False),
        sa.Column("file_key", sa.BigInteger(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False, comment="of the file"),
        sa.Column("network", sa.Text(), nullable=False, comment="10.20.4.0/24"),
        sa.Column("network_name", sa.Text(), nullable=False),
        sa.Column("site", sa.Text(), nullable=False, comment="BuildingName"),
        *(sa.Column(name, sa.Text(), nullable=False) for name in PLACES),
        sa.Column("inside", sa.Boolean(), nullable=False),
        sa.Column("express_route", sa.Boolean(), nullable=False),
        sa.Column("vpn", sa.Boolean(), nullable=False),
        sa.Column("valid_from", sa.String(length=10), comment="of the row, within the period of its file"),
        sa.Column("valid_to", sa.String(length=10)),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_site_networks")),
    )
    op.create_table(
        "egress_ranges",
        sa.Column("key", Key, nullable=False),
        sa.Column("file_key", sa.BigInteger(), nullable=False),
        sa.Column("network", sa.Text(), nullable=False, comment="public addresses of the organisation"),
        sa.Column("site", sa.Text(), nullable=False, comment="empty where the range belongs to several sites"),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_egress_ranges")),
    )
    op.create_table(
        "access_point_names",
        sa.Column("key", Key, nullable=False),
        sa.Column("file_key", sa.BigInteger(), nullable=False),
        sa.Column("bssid", sa.String(length=12), nullable=False, comment="12 hexadecimal digits"),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_access_point_names")),
    )
    for table in ("site_networks", "egress_ranges", "access_point_names"):
        op.create_index(op.f(f"ix_{table}_file_key"), table, ["file_key"])
    op.create_table(
        "site_changes",
        sa.Column("key", Key, nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.Column(
            "valid_from",
            sa.String(length=10),
            comment="the first day whose calls are matched again; null means all before",
        ),
        sa.Column("valid_to", sa.String(length=10), comment="the last such day; null means all after"),
        sa.Column("finished_at", UtcDateTime(), comment="when all archived calls of these days were matched again"),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_site_changes")),
    )


def _calls() -> None:
    """What is stored of calls."""
    op.create_table(
        "endpoint_sites",
        sa.Column("call_key", sa.BigInteger(), autoincrement=False, nullable=False),
        *(sa.Column(name, sa.Integer(), autoincrement=False, nullable=False) for name in POSITIONS),
        sa.Column("side", sa.String(length=6), nullable=False, comment="caller or callee"),
        sa.Column("network_key", sa.BigInteger(), comment="the row of site_networks"),
        sa.Column("site", sa.Text()),
        sa.Column("network_name", sa.Text()),
        sa.Column("inside", sa.Boolean()),
        sa.Column("vpn", sa.Boolean()),
        sa.Column("method", sa.Text(), comment="how the row was found: see archive.sites.matching"),
        sa.Column("access_point", sa.Text(), comment="its name in the list of access points"),
        sa.PrimaryKeyConstraint("call_key", *POSITIONS, "side", name=op.f("pk_endpoint_sites")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_endpoint_sites_conflicts",
        "endpoint_sites",
        ["call_key"],
        sqlite_where=sa.text(CONFLICTS),
        postgresql_where=sa.text(CONFLICTS),
    )
    op.create_table(
        "site_people",
        sa.Column("call_key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False, comment="on which the call began, in UTC"),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False, comment="id or address, folded as in people"),
        sa.PrimaryKeyConstraint("call_key", "position", name=op.f("pk_site_people")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_site_people_day_site_person_id", "site_people", ["day", "site", "person_id"])


def downgrade() -> None:
    op.drop_index("ix_call_records_underived_14", "call_records")
    op.drop_column("api_keys", "sites")
    for name in ("addresses_removed_at", "sites_revision", *LISTS):
        op.drop_column("call_records", name)
    for table in ("site_people", "endpoint_sites", "site_changes"):
        op.drop_table(table)
    for table in ("access_point_names", "egress_ranges", "site_networks", "site_files"):
        op.drop_table(table)
