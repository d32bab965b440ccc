"""The directory joined with the index of people: which entries of the index are in which department, and when."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, Subquery, and_, literal, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from app.archive.schema.directory_table import directory
from app.archive.schema.microseconds import microseconds
from app.archive.schema.tables import call_people, call_records, people

d, p, i, c = directory.c, people.c, call_people.c, call_records.c


class Membership(NamedTuple):
    """In a department, from and until these moments in microseconds since 1970."""

    department: str
    valid_from: int
    valid_until: int


def members(department: str | None = None, keys: Collection[int] | None = None) -> Subquery:
    """``person_key``, ``department``, ``valid_from``, ``valid_until``; of one department, of some entries, or of all.

    An entry without an address belongs to the person whose id it has, whatever calls named the address.
    """
    with_address = people.alias().c
    columns = (d.department, d.valid_from, d.valid_until)
    by_address = select(p.key.label("person_key"), *columns).where(
        d.tenant_id == p.tenant_id, d.user_principal_name == p.user_principal_name
    )
    by_id = select(p.key.label("person_key"), *columns).where(
        p.user_principal_name == literal(""),
        p.person_id != literal(""),
        with_address.person_id == p.person_id,
        with_address.tenant_id == p.tenant_id,
        d.tenant_id == with_address.tenant_id,
        d.user_principal_name == with_address.user_principal_name,
    )
    return union_all(*(_narrowed(one, department, keys) for one in (by_address, by_id.distinct()))).subquery()


def is_in(department: str) -> ColumnElement[bool]:
    """Whether an entry of the index was ever in the department."""
    return p.key.in_(select(members(department).c.person_key))


def took_part(department: str) -> ColumnElement[bool]:
    """Whether a call had a participant who was in the department on that day."""
    found = members(department).c
    then = and_(found.valid_from <= i.at, i.at < found.valid_until)
    here = select(1).where(i.call_key == c.key, found.person_key == i.person_key, then)
    return here.correlate(call_records).offset(0).exists()


async def by_key(db: AsyncConnection, keys: Collection[int] | None = None) -> dict[int, list[Membership]]:
    """All memberships in departments, by entry of the index of people; or those of some entries."""
    found = members(keys=keys).c
    wanted = select(found.person_key, *(found[name] for name in Membership._fields))
    memberships: dict[int, list[Membership]] = {}
    for key, *values in await db.execute(wanted.where(found.department != literal(""))):
        memberships.setdefault(key, []).append(Membership(*values))
    return memberships


async def departments(db: AsyncConnection, keys: Sequence[int], now: datetime) -> dict[int, str]:
    """The department of each of these entries of the index: the current one, else the last."""
    found = members(keys=keys).c
    wanted = select(found.person_key, found.department, found.valid_from, found.valid_until).order_by(found.valid_from)
    at, current, last = microseconds(now), dict[int, str](), dict[int, str]()
    for key, department, valid_from, valid_until in await db.execute(wanted):
        if department:
            last[key] = department
            if valid_from <= at < valid_until:
                current[key] = department
    return last | current


def _narrowed(
    wanted: Select[int, str, int, int], department: str | None, keys: Collection[int] | None
) -> Select[int, str, int, int]:
    if department is not None:
        wanted = wanted.where(d.department == literal(department))
    return wanted if keys is None else wanted.where(p.key.in_(sorted(keys)))
