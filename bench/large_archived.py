"""What memory it takes to derive an archived record of many megabytes again, and to erase a person from it.

    python -m bench.large_archived derive|erase FORM MEGABYTES FOLDER

Prints MB as JSON, from a process of its own, because Linux keeps the peak of a process. FORM is one of
`large_record.FORMS`, or "meeting" with as many sessions as fill the megabytes.
"""

import asyncio
import gc
import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import orjson
import psutil
from sqlalchemy import select, update

from app import memory
from app.archive.erasure.erase_person import erase
from app.archive.parse.record import RecordBuilder
from app.archive.schema.tables import call_records, underived
from app.archive.store import record_store
from app.archive.upgrade.derive import Derive
from app.db import Database, schema_version
from app.inbox import tenant_state
from app.observability import log
from app.simulator.records import a_call_record
from bench import large_record
from bench.processes import ROOT, TENANT

PERSON = "7e57ab1e-2222-4000-8000-000000000002"
FORMS = large_record.FORMS | {"meeting": "sessions"}
_SESSION = 7_700  # bytes of a meeting's session on average


def measured(work: str, form: str, megabytes: int, folder: Path) -> dict[str, float]:
    """``idle``, ``peak`` and ``after`` in MB, and ``calls``, of a process that does the work on one such record."""
    command = [sys.executable, "-m", "bench.large_archived"]
    url = f"sqlite:///{folder}/{uuid4().hex}.db"
    for step in ("store", work):
        done = subprocess.run(
            [*command, step, form, str(megabytes), url], cwd=ROOT, capture_output=True, text=True, check=True
        )
    return json.loads(done.stdout)


async def store(url: str, form: str, megabytes: int) -> None:
    """In a process of its own, as an older version of the program would have left it."""
    database = Database.open(url)
    await schema_version.migrate(database)
    record, raw = _record(form, megabytes * 1_000_000)
    builder = RecordBuilder(TENANT, record["id"])
    builder.begin(record, raw)
    async with database.begin() as db:
        await tenant_state.ensure_rows(db, [TENANT])
        await record_store.save(db, [builder.finish(datetime.now(UTC))])
        await db.execute(update(call_records).values(derivation=None))
    await database.close()


def _record(form: str, size: int) -> tuple[dict, bytes]:
    if form == "meeting":
        record = a_call_record(seed=7, type="groupCall", sessions=size // _SESSION, participants=900)
        record["participants_v2"][0]["identity"]["user"]["id"] = PERSON
        return record, orjson.dumps(record)
    raw = b'{"id":"' + PERSON.replace("2222", "3333").encode() + b'",' + large_record.rest(form, size)
    raw = raw.replace(b"7e57ab1e-1111-4000-8000-000000000001", PERSON.encode(), 1).replace(
        b'"id":"7e57ab1e"', b'"id":"' + PERSON.encode() + b'"', 1
    )
    return json.loads(raw), raw


async def work(what: str, url: str) -> dict[str, float]:
    database = Database.open(url)
    async with database.begin() as db:
        await db.execute(select(call_records.c.key).limit(1))
    gc.collect()
    gc.freeze()
    idle = _rss()
    Path("/proc/self/clear_refs").write_text("5")
    if what == "derive":
        calls = await Derive(database, holder="bench").once()
        async with database.reading() as db:
            assert (await db.execute(select(call_records.c.key).where(underived))).all() == []
    else:
        calls = (await erase(database, PERSON)).calls
    figures = {"idle": idle, "peak": _peak(), "after": _rss(), "calls": calls}
    await database.close()
    return figures


def _rss() -> float:
    return psutil.Process().memory_info().rss / 1e6


def _peak() -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) * 1024 / 1e6


if __name__ == "__main__":
    log.configure("error", "json")
    memory.set_up()
    step, form, megabytes, url = sys.argv[1:]
    if step == "store":
        asyncio.run(store(url, form, int(megabytes)))
    else:
        print(json.dumps(asyncio.run(work(step, url))))
