"""Whatever reads a call's detail, asked once: to be compared between a call with rows and one without."""

from pathlib import Path
from tempfile import TemporaryDirectory

import orjson
from sqlalchemy import func, select

from app.archive.detail import reading
from app.archive.detail.wanted import EVERYTHING
from app.archive.diagnosis import reading as diagnosis_reading
from app.archive.diagnosis.as_json import as_json
from app.archive.diagnosis.diagnose import diagnose
from app.archive.people import person
from app.archive.queries import call_outline, call_text, reasons_of_calls, stored_calls
from app.archive.queries.filters import Filters
from app.archive.queries.paging import graph_record_pages
from app.archive.queries.paging.graph_record_pages import Sought
from app.archive.retention.detail_job import DetailRowsJob
from app.archive.schema.tables import DETAIL, call_people, call_records, people
from app.db import Database
from app.export.formats import Format
from app.export.run import export
from app.settings.units import ALL_DETAIL, NO_DETAIL
from tests.export.archive import files

PEOPLE = 6  # whose profiles are compared


async def set_detail(database: Database, wanted):
    """As a process with this setting leaves the archived calls."""
    return await DetailRowsJob(database, wanted, holder="test", rest=0).once()


async def remove_rows(database):
    return await set_detail(database, NO_DETAIL)


async def write_rows(database):
    return await set_detail(database, ALL_DETAIL)


async def row_counts(database):
    async with database.reading() as db:
        return {table.name: await db.scalar(select(func.count()).select_from(table)) for table in DETAIL}


async def every_row(database):
    """Every detail row of every call, from the database or from the documents."""
    async with database.reading() as db:
        keys = list(await db.scalars(select(call_records.c.key)))
        return {
            name: [tuple(row) for row in rows] for name, rows in (await reading.of_calls(db, keys, EVERYTHING)).items()
        }


async def listed(database, participants):
    """The calls that a filter of Graph finds for each of these participants, and how many."""
    async with database.reading() as db:
        sought = {who: Sought(None, participants=(who,)) for who in participants}
        return {
            who: (await graph_record_pages.positions(db, one, None, 100), await graph_record_pages.count(db, one))
            for who, one in sought.items()
        }


async def answers(database):
    """What every reader of detail says of every call and person, as JSON or as plain values."""
    async with database.reading() as db:
        calls = (
            await db.execute(select(call_records.c.key, call_records.c.call_id).order_by(call_records.c.key))
        ).all()
        found = {call_id: await _of_call(db, key, call_id) for key, call_id in calls}
        listed = select(people.c.person_id, people.c.user_principal_name).order_by(people.c.key)
        known = sorted({text for row in await db.execute(listed) for text in row if text})
        profiles = {who: await person.profile(db, who, Filters()) for who in known[:: len(known) // PEOPLE + 1]}
        kinds = [tuple(row) for row in await db.execute(select(call_people.c.kind).order_by(call_people.c.person_key))]
        reasons = await reasons_of_calls.reasons(db, [call.key for call in calls])
    return {
        "calls": found,
        "people": profiles,
        "kinds": kinds,
        "reasons": reasons,
        "exported": await exported(database),
    }


async def _of_call(db, key, call_id):
    call = await stored_calls.call(db, call_id)
    _, head = await stored_calls.head(db, call_id)
    text = b"".join([piece async for piece in call_text.pieces(db, key, head)])
    detail = await reading.of_call(db, key)
    diagnosed = await diagnosis_reading.call(db, call_id)
    outline = await call_outline.outline(db, key)
    return {
        "call": call,
        "text": orjson.loads(text),
        "end": await detail.end(),
        "sessions": [await call_outline.session(db, key, position) for position in (0, 1, await detail.end())],
        "outline": (outline.participants, outline.sessions),
        "diagnosis": as_json(diagnosed, diagnose(diagnosed)),
    }


async def exported(database):
    """Every file of an export, by name."""
    with TemporaryDirectory() as folder:
        await export(database, Path(folder), Format("ndjson"))
        return {name: content for name, content in files(Path(folder)).items() if name != "_manifest.json"}
