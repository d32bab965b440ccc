"""The organisation's directory: department, cost centre and site of each person, as an imported file says."""

from sqlalchemy import BigInteger, Column, Index, Table, Text

from app.db import Key, UtcDateTime, metadata

directory = Table(
    "directory",
    metadata,
    Column("key", Key, primary_key=True),
    Column("tenant_id", Text, nullable=False, comment="of whose calls it says something"),
    Column("user_principal_name", Text, nullable=False, comment="in its normal form, as in people"),
    Column("department", Text, nullable=False, comment="empty where the file has none"),
    Column("cost_center", Text, nullable=False, comment="likewise"),
    Column("site", Text, nullable=False, comment="likewise"),
    Column("valid_from", BigInteger, nullable=False, comment="microseconds since 1970; calls from then on"),
    Column("valid_until", BigInteger, nullable=False, comment="microseconds since 1970; calls before that"),
    Column("imported_at", UtcDateTime, nullable=False),
    Index("ix_directory_user_principal_name", "user_principal_name"),
    Index("ix_directory_department", "department"),
)
ALWAYS = (-(2**62), 2**62)
"""``valid_from`` and ``valid_until`` of a row without dates."""
