"""Calls of some days, kept, and exports of them."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select

from app.archive.schema.tables import CHILDREN, call_people, call_records
from app.export.formats import Format
from app.export.run import export
from tests.archive.records import NOW, a_call_record, a_participant, a_session, an_identity, guid, kept, save

FORMATS = [form.value for form in Format]


def a_call(day, number, *, hour=10, **changes):
    start = datetime(2026, 2, day, hour, tzinfo=UTC)
    times = {"startDateTime": start.isoformat(), "endDateTime": (start + timedelta(minutes=5)).isoformat()}
    return a_call_record(id=guid(0x1000 + number), **times | changes)


async def keep(database, *records, now=NOW):
    await save(database, *[kept(record, now=now) for record in records])


async def some_days(database):
    """Three calls on two days, with a name that spreadsheets and readers stumble over."""
    odd = a_participant(identity={"user": an_identity(displayName='=HYPERLINK("x")\r\n"Ä", 🙁', id="+4930123456")})
    await keep(
        database,
        a_call(1, 1, hour=0),
        a_call(1, 2, hour=23, participants_v2=[odd], sessions=[a_session(), a_session()]),
        a_call(2, 3, sessions=[]),
    )


async def exported(database, out, form="ndjson", **options):
    return await export(database, out, Format(form), **options)


async def counts(database):
    """Rows of each table in the database."""
    async with database.reading() as db:
        return {
            t.name: await db.scalar(select(func.count()).select_from(t)) for t in (call_records, *CHILDREN, call_people)
        }


def files(out):
    return {str(file.relative_to(out)): file.read_bytes() for file in sorted(out.rglob("*")) if file.is_file()}
