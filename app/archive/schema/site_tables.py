"""The tables of sites: what was imported, what changed since, and where the endpoints of each call were."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, String, Table, Text

from app.db import Key, UtcDateTime, metadata, partial

site_files = Table(
    "site_files",
    metadata,
    Column("key", Key, primary_key=True),
    Column("kind", String(20), nullable=False, comment="buildings, egress or access_points"),
    Column("imported_at", UtcDateTime, nullable=False),
    Column("valid_from", String(10), comment="the first day; null means from the beginning"),
    Column("valid_to", String(10), comment="the last day; null means without an end"),
    Column("row_count", Integer, nullable=False),
    Column("sha256", String(64), nullable=False, comment="of its rows: the same list again changes nothing"),
    Column("removed_at", UtcDateTime, comment="calls are not matched with its rows any more"),
)

# The rows of removed files stay: endpoint_sites refers to them.
site_networks = Table(
    "site_networks",
    metadata,
    Column("key", Key, primary_key=True),
    Column("file_key", BigInteger, nullable=False, index=True),
    Column("line", Integer, nullable=False, comment="of the file"),
    Column("network", Text, nullable=False, comment="10.20.4.0/24"),
    Column("network_name", Text, nullable=False),
    Column("site", Text, nullable=False, comment="BuildingName"),
    *(
        Column(name, Text, nullable=False)
        for name in ("ownership_type", "building_type", "office_type", "city", "zip_code", "country", "state", "region")
    ),
    Column("inside", Boolean, nullable=False),
    Column("express_route", Boolean, nullable=False),
    Column("vpn", Boolean, nullable=False),
    Column("valid_from", String(10), comment="of the row, within the period of its file"),
    Column("valid_to", String(10)),
)

egress_ranges = Table(
    "egress_ranges",
    metadata,
    Column("key", Key, primary_key=True),
    Column("file_key", BigInteger, nullable=False, index=True),
    Column("network", Text, nullable=False, comment="public addresses of the organisation"),
    Column("site", Text, nullable=False, comment="empty where the range belongs to several sites"),
)

access_point_names = Table(
    "access_point_names",
    metadata,
    Column("key", Key, primary_key=True),
    Column("file_key", BigInteger, nullable=False, index=True),
    Column("bssid", String(12), nullable=False, comment="12 hexadecimal digits"),
    Column("name", Text, nullable=False),
)

# The highest key is the revision of what calls are matched with; each call has the revision of its own matches.
site_changes = Table(
    "site_changes",
    metadata,
    Column("key", Key, primary_key=True),
    Column("changed_at", UtcDateTime, nullable=False),
    Column("valid_from", String(10), comment="the first day whose calls are matched again; null means all before"),
    Column("valid_to", String(10), comment="the last such day; null means all after"),
    Column("finished_at", UtcDateTime, comment="when all archived calls of these days were matched again"),
)

endpoint_sites = Table(
    "endpoint_sites",
    metadata,
    Column("call_key", BigInteger, primary_key=True, autoincrement=False),
    *(
        Column(name, Integer, primary_key=True, autoincrement=False)
        for name in ("session_position", "segment_position", "media_position")
    ),
    Column("side", String(6), primary_key=True, comment="caller or callee"),
    Column("network_key", BigInteger, comment="the row of site_networks"),
    Column("site", Text),
    Column("network_name", Text),
    Column("inside", Boolean),
    Column("vpn", Boolean),
    Column("method", Text, comment="how the row was found: see archive.sites.matching"),
    Column("access_point", Text, comment="its name in the list of access points"),
    sqlite_with_rowid=False,
)
Index(
    "ix_endpoint_sites_conflicts",
    endpoint_sites.c.call_key,
    **partial(endpoint_sites.c.method == "address_not_subnet"),
)

# One row for each person and site of a call with poor streams there: counted as people affected.
site_people = Table(
    "site_people",
    metadata,
    Column("call_key", BigInteger, primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("day", String(10), nullable=False, comment="on which the call began, in UTC"),
    Column("tenant_id", Text, nullable=False),
    Column("site", Text, nullable=False),
    Column("person_id", Text, nullable=False, comment="id or address, folded as in people"),
    Index("ix_site_people_day_site_person_id", "day", "site", "person_id"),
    sqlite_with_rowid=False,
)
