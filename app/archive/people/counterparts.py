"""Who else was in each of some calls: some names, and who of a search was there without having organized it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, func, not_, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.archive.parse.identities.shown_name import shown_name
from app.archive.parse.identities.took_part import NO_PEOPLE, PROGRAMS
from app.archive.queries import people_filter
from app.archive.queries.filters import Filters
from app.archive.queries.number_filter import is_number
from app.archive.queries.people_of_call import identity
from app.archive.schema.tables import call_people, people

SOME = 6  # entries of a call that are read for a name: a person may have several
NAMES = 20  # people of a call who are named in a file

SMALL = 30  # people; of larger calls only some entries are read

p, i = people.c, call_people.c

_ENTRIES = select(i.call_key, i.kind, people).join(call_people, p.key == i.person_key)


@dataclass(frozen=True, slots=True)
class Counterparts:
    """Of one call. ``names`` are of people other than the organizer and than those left out."""

    names: tuple[str, ...] = ()
    matched: str | None = None
    """Who of the search took part, where it was not the organizer."""

    def text(self, people_seen: int | None) -> str:
        """Of a call with so many people: "Ada" or "Ada and 398 others"; empty where no one else is known."""
        first = self.matched or next(iter(self.names), None)
        if first is None:
            return ""
        others = max((people_seen or 0) - 2, len(self.names) - 1, 0)
        return (
            first if not others else f"{first} and {others:,} other{'' if others == 1 else 's'}".replace(",", "\u202f")
        )


NOTHING = Counterparts()


async def of_calls(
    db: AsyncConnection,
    calls: Mapping[int, int | None],
    filters: Filters | None = None,
    without: Collection[int] = (),
    most: int = 1,
) -> dict[int, Counterparts]:
    """By call key.

    ``calls``: how many people each has. ``without``: entries of the index that are not named; by default the
    organizers. ``filters``: those of the search.
    """
    names = await _named(db, calls, without, SOME if most == 1 else most * 2)
    matched = await _matched(db, list(calls), filters) if filters else {}
    return {
        key: Counterparts(tuple(names.get(key, {}).values())[:most], matched.get(key))
        for key in calls
        if key in names or key in matched
    }


async def _named(
    db: AsyncConnection, calls: Mapping[int, int | None], without: Collection[int], entries: int
) -> dict[int, dict[str, str]]:
    """The shown names by identity."""
    conditions = [i.person_key.not_in(sorted(without)) if without else not_(i.is_organizer), _is_a_person()]
    small = [key for key, seen in calls.items() if (seen or 0) <= SMALL]
    rows = [*(await db.execute(_ENTRIES.where(i.call_key.in_(small), *conditions).order_by(i.person_key))).mappings()]
    for key in calls.keys() - set(small):  # thousands of people would be read for one name
        some = select(i.call_key, i.kind, i.person_key).where(i.call_key == key, *conditions).limit(entries).subquery()
        wanted = select(some.c.call_key, some.c.kind, people).join(some, p.key == some.c.person_key)
        rows += (await db.execute(wanted)).mappings()
    found: dict[int, dict[str, str]] = {}
    for row in rows:
        named = found.setdefault(row["call_key"], {})
        key = row["person_id"] or row["user_principal_name"] or row["name"]
        if key not in named or row["identity_display_name"]:
            named[key] = shown_name(identity(row))
    return found


async def _matched(db: AsyncConnection, call_keys: Sequence[int], filters: Filters) -> dict[int, str]:
    """Who was looked for and took part, in the calls that none of them organized."""
    asked = [
        *([] if filters.participant is None else [people_filter.matches(filters.participant)]),
        *([] if filters.number is None else [is_number(filters.number)]),
    ]
    if not asked or not call_keys:
        return {}
    wanted = (
        _ENTRIES.add_columns(i.is_organizer)
        .where(i.call_key.in_(call_keys), or_(*asked))
        .order_by(i.call_key, i.is_organizer, p.key.desc())
    )
    found: dict[int, str | None] = {}
    for row in (await db.execute(wanted)).mappings():
        found[row["call_key"]] = None if row["is_organizer"] else shown_name(identity(row))
    return {key: name for key, name in found.items() if name is not None}


def _is_a_person() -> ColumnElement[bool]:
    """The rule of ``took_part.is_person`` in SQL."""
    programs = or_(*(func.lower(i.kind).endswith(ending) for ending in PROGRAMS))
    return or_(i.kind.is_(None), and_(i.kind.not_in(sorted(NO_PEOPLE)), not_(programs)))
