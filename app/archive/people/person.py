"""One person over a period: identity, calls, devices and networks, and what the poor calls have in common."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.archive.detail import reading
from app.archive.diagnosis.diagnose import Entry
from app.archive.parse.identities import identifiers
from app.archive.parse.identities.person_keys import asked
from app.archive.people import comparison, counterparts, endpoints, poor_calls
from app.archive.people.comparison import Correlation, Use
from app.archive.people.counterparts import Counterparts
from app.archive.people.own_ends import Known
from app.archive.queries import members
from app.archive.queries.filters import Filters, of_tenants
from app.archive.queries.people_filter import in_range, is_person
from app.archive.schema.microseconds import moment
from app.archive.schema.tables import call_people, call_records, people
from app.ids import CallId

MOST = 5_000  # calls of one person that are counted, the newest
CLOSELY = 500  # of these whose streams are read, the newest: more of them show nothing else, and take longer
LISTED = 25  # of these of which it is read who else was in them
LOOKS = 5  # entries of the newest calls that are read for the person's name


@dataclass(frozen=True, slots=True)
class Identity:
    """By the newest calls. ``kind`` is Graph's, or ours for what is no person: see took_part."""

    kind: str | None = None
    id: str | None = None
    display_name: str | None = None
    user_principal_name: str | None = None
    tenant_id: str | None = None


@dataclass(frozen=True, slots=True)
class Call:
    key: int
    call_id: CallId
    start: datetime
    quality: str
    failed: bool
    duration: float | None = None
    """In seconds."""
    people: int | None = None
    type: str | None = None
    affected: int | None = None
    """Of the people, those who had a poor stream."""


@dataclass(frozen=True, slots=True)
class OnDay:
    start: datetime
    calls: int
    poor_calls: int


@dataclass(frozen=True, slots=True)
class Profile:
    """What is known of one person. All but ``first_call`` and ``last_call`` is of the range that was asked for."""

    identity: Identity
    first_call: datetime
    last_call: datetime
    calls: list[Call]
    """The newest first."""
    is_cut: bool
    """Whether there are more calls than these."""
    days: list[OnDay]
    """Days (UTC) with a call, in order."""
    closely: int
    """Of how many of the newest calls the rest is."""
    uses: dict[str, list[Use]]
    """Of the person's own ends, by dimension: the value of most calls first."""
    common: list[Correlation]
    """With what the person's streams are poor more often than without it, the highest lift first."""
    diagnoses: list[Entry]
    """Of the newest poor or failed calls that concern the person's own ends; see poor_calls."""
    department: str | None = None
    """By the imported directory."""
    others: dict[int, Counterparts] = field(default_factory=dict)
    """Who else was in the newest calls, by their keys."""


async def profile(db: AsyncConnection, text: str, filters: Filters) -> Profile | None:
    """The person with this complete object id, user principal name or telephone number; None if there is none.

    Of the filters range and tenants count.
    """
    found = await _found(db, text, filters)
    if not found:
        return None
    keys = [row.key for row in found]
    first, last = (
        await db.execute(
            select(func.min(call_people.c.at), func.max(call_people.c.at)).where(call_people.c.person_key.in_(keys))
        )
    ).one()
    if first is None:
        return None
    calls = await _calls(db, keys, filters)
    ids = {form for row in found if row.person_id for form in identifiers.written_forms(row.person_id)}
    known = Known(ids, {row.user_principal_name for row in found if row.user_principal_name})
    looked_at = {call.key: call.start for call in calls[:CLOSELY]}
    compared = comparison.compared(await endpoints.used(db, looked_at, known))
    with_problem = [call.key for call in calls if call.quality == "poor" or call.failed]
    return Profile(
        identity=await _identity(db, keys),
        first_call=moment(first),
        last_call=moment(last),
        calls=calls[:MOST],
        is_cut=len(calls) > MOST,
        days=days(calls[:MOST]),
        closely=len(looked_at),
        uses=compared.uses,
        common=compared.common,
        diagnoses=await poor_calls.diagnoses(db, with_problem, known),
        department=next(iter((await members.departments(db, keys, datetime.now(UTC))).values()), None),
        others=await counterparts.of_calls(db, {one.key: one.people for one in calls[:LISTED]}, without=keys),
    )


async def memory(db: AsyncConnection, text: str, filters: Filters) -> int:
    """How many bytes of documents are in memory while ``profile`` reads calls without detail rows."""
    if not await reading.is_any_without_rows(db):
        return 0
    keys = [row.key for row in await _found(db, text, filters)]
    return await reading.memory(db, [call.key for call in await _calls(db, keys, filters, CLOSELY)] if keys else [])


def days(calls: Iterable[Call]) -> list[OnDay]:
    """How many of the calls there were on each day."""
    found: dict[datetime, tuple[int, int]] = {}
    for call in calls:
        day = call.start.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        count, poor = found.get(day, (0, 0))
        found[day] = count + 1, poor + (call.quality == "poor")
    return [OnDay(day, *counts) for day, counts in sorted(found.items())]


async def _found(db: AsyncConnection, text: str, filters: Filters) -> Sequence[Any]:
    """The rows of the person in the index: several where name or principal name changed."""
    wanted = asked(text)
    if not wanted.normal:
        return []
    visible = of_tenants(filters.visible(), people.c.tenant_id)
    return (await db.execute(select(people).where(is_person(wanted), *visible))).all()


async def _calls(db: AsyncConnection, keys: list[int], filters: Filters, most: int = MOST + 1) -> list[Call]:
    entries = select(call_people.c.call_key, call_people.c.at).where(call_people.c.person_key.in_(keys))
    entries = entries.where(*in_range(filters, only_organizer=False)).distinct()
    newest = entries.order_by(call_people.c.at.desc(), call_people.c.call_key.desc()).limit(most).subquery()
    wanted = select(
        call_records.c.key,
        call_records.c.call_id,
        call_records.c.ordered_at,
        call_records.c.quality,
        call_records.c.failed,
        call_records.c.duration_seconds,
        call_records.c.participants_seen,
        call_records.c.type,
        call_records.c.people_affected,
    ).join(newest, newest.c.call_key == call_records.c.key)
    rows = await db.execute(wanted.order_by(call_records.c.ordered_at.desc(), call_records.c.key.desc()))
    return [Call(*row) for row in rows]


async def _identity(db: AsyncConnection, keys: list[int]) -> Identity:
    """Each part of it by the newest call that says it."""
    columns = (
        people.c.identity_id,
        people.c.identity_display_name,
        people.c.identity_user_principal_name,
        people.c.identity_tenant_id,
    )
    compared = (
        people.c.person_id,
        people.c.name,
        people.c.user_principal_name,
    )  # all that programs before migration 0013 stored
    wanted = (
        select(call_people.c.kind, *columns, *compared)
        .join(people, people.c.key == call_people.c.person_key)
        .where(call_people.c.person_key.in_(keys))
    )
    newest = wanted.order_by(call_people.c.at.desc(), call_people.c.call_key.desc()).limit(LOOKS)
    entries = (await db.execute(newest)).mappings().all()

    def first(*names: str) -> str | None:
        return next((value for name in names for row in entries if (value := row[name])), None)

    return Identity(
        kind=first("kind"),
        id=first("identity_id", "person_id"),
        display_name=first("identity_display_name", "name"),
        user_principal_name=first("identity_user_principal_name", "user_principal_name"),
        tenant_id=first("identity_tenant_id"),
    )
