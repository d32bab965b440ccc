"""What a column can hold on both databases, and the metadata that every table registers with."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, DateTime, Dialect, Integer, MetaData, Numeric, String, TextClause
from sqlalchemy import types as sqltypes

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Key = BigInteger().with_variant(Integer, "sqlite")  # SQLite assigns row ids only in an INTEGER column


class UtcDateTime(sqltypes.TypeDecorator[datetime]):
    """A moment, always in UTC with microseconds. A naive value is refused, because SQLite drops offsets silently.

    On SQLite it is text of fixed width (``2026-01-31 09:05:00.000000``), so that comparing texts compares times.
    """

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> sqltypes.TypeEngine[Any]:
        plain = String(26) if dialect.name == "sqlite" else DateTime(timezone=True)
        return dialect.type_descriptor(plain)

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone")
        return sqlite_text(value) if dialect.name == "sqlite" else value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ARG002 -- SQLAlchemy's signature
        if isinstance(value, str):
            return datetime.fromisoformat(value).replace(tzinfo=UTC)
        if isinstance(value, datetime) and value.tzinfo is None:
            return value.replace(tzinfo=UTC)  # asyncpg's first and last moment, which Graph writes for "never"
        return value.astimezone(UTC) if value is not None else None


def sqlite_text(moment: datetime) -> str:
    """The moment as SQLite keeps it."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")


class ExactDecimal(sqltypes.TypeDecorator[Decimal]):
    """A decimal number without any rounding. SQLite has only floats, so it is text there: add up integers instead."""

    impl = Numeric
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> sqltypes.TypeEngine[Any]:
        return dialect.type_descriptor(String(40) if dialect.name == "sqlite" else Numeric())

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> Any:
        return f"{value:f}" if value is not None and dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:  # noqa: ARG002 -- SQLAlchemy's signature
        return None if value is None else Decimal(value)


def partial(condition: ColumnElement[bool] | TextClause) -> dict[str, Any]:
    """The argument of an index that has only rows for which this is true: on both databases, by the migrations.

    SQLAlchemy would import its dialect of PostgreSQL, which takes 3 MB, to check the argument with that name.
    """
    return {"sqlite_where": condition}
