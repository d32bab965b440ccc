"""Who took part in one call, from the index: each person once, with where in the record they were seen."""

from typing import Any

from sqlalchemy import RowMapping, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.archive.parse.identities.took_part import SeenIn, is_person
from app.archive.schema.tables import call_people, people

p, i = people.c, call_people.c


async def people_of(db: AsyncConnection, call_key: int) -> list[dict[str, Any]]:
    """Organizers first, then people, then what is no person; those who are in more parts of the record first."""
    wanted = select(people, i.kind, i.seen_in, i.is_organizer).join(call_people, p.key == i.person_key)
    rows = (await db.execute(wanted.where(i.call_key == call_key).order_by(p.key))).mappings()
    found: dict[tuple[str, ...], dict[str, Any]] = {}
    for row in rows:
        one = found.setdefault(_key(row), _person(row))
        one["is_organizer"] |= row["is_organizer"]
    return sorted(found.values(), key=_rank)


def identity(row: RowMapping) -> dict[str, Any]:
    """What the index says of a person. Rows of programs before migration 0013 have the normal forms only."""
    return {
        "kind": row["kind"],
        "id": row["identity_id"] or row["person_id"] or None,
        "display_name": row["identity_display_name"] or row["name"] or None,
        "user_principal_name": row["identity_user_principal_name"] or row["user_principal_name"] or None,
    }


def _key(row: RowMapping) -> tuple[str, ...]:
    """One for each person: those with an id may have several names in one call."""
    if row["person_id"]:
        return (row["person_id"],)
    return ("", row["user_principal_name"] or row["name"])


def _person(row: RowMapping) -> dict[str, Any]:
    return identity(row) | {
        "tenant_id": row["identity_tenant_id"],
        "is_person": is_person(row["kind"]),
        "is_organizer": False,
        "seen_in": SeenIn(row["seen_in"] or 0).names(),
    }


def _rank(person: dict[str, Any]) -> tuple[bool, bool, int, str]:
    return not person["is_organizer"], not person["is_person"], -len(person["seen_in"]), person["id"] or ""
