"""A person in a call, in every place and writing that Graph has for one, and the bytes of a database."""

from pathlib import Path
from urllib.parse import quote, unquote

import asyncpg
from sqlalchemy import LargeBinary, make_url, select

from app.archive.documents import codec
from app.db import metadata
from tests.archive.records import (
    TENANT,
    a_call_record,
    a_media,
    a_participant,
    a_segment,
    a_service_endpoint,
    a_session,
    an_endpoint,
    an_identity,
)

DOE = "42559007-03c6-42c8-971f-cb79fd381a5a"
UPN = "john.doe@contoso.com"
NAME = "John Doe"
OTHER = "7c2f4a10-0000-4000-8000-0000000000aa"

TRACES = [DOE, UPN, "john.doe", NAME, "johndoe-pc", "john's airpods", "10.150.9.9", "aa-bb-cc-dd-ee-ff"]


def john(**changes):
    return {"id": DOE, "displayName": NAME, "tenantId": TENANT, "userPrincipalName": UPN} | changes


def his_end(**changes):
    feedback = {"rating": "poor", "text": "I hear nothing, call me at home", "tokens": {"NoSound": True}}
    return an_endpoint(name="JOHNDOE-PC", associatedIdentity=john(), feedback=feedback) | changes


def her_end(**changes):
    feedback = {"rating": "bad", "text": "john doe's voice breaks up", "tokens": {}}
    jane = an_identity(id=OTHER, displayName="Jane Roe", userPrincipalName="jane.roe@contoso.com")
    return an_endpoint(name="JANE-PC", associatedIdentity=jane, feedback=feedback) | changes


def his_network():
    hops = [{"hopCount": 1, "ipAddress": "10.150.9.9", "roundTripTime": "PT0.01S"}]
    return {
        "ipAddress": "10.150.9.9",
        "macAddress": "AA-BB-CC-DD-EE-FF",
        "linkSpeed": 4294967295,
        "traceRouteHops": hops,
    }


def everywhere(**changes):
    """A call that he organised, in which he spoke with somebody else, with what Graph does not document."""
    everything = quote("".join(f"%{byte:02X}" for byte in DOE.encode()))
    media = a_media(
        callerNetwork=his_network(), callerDevice={"captureDeviceName": "John's AirPods", "micGlitchRate": 0.5}
    )
    segment = a_segment(caller=his_end(associatedIdentity=None), callee=her_end(), media=[media])
    back = a_segment(caller=her_end(), callee=his_end(), media=[a_media(calleeNetwork=his_network())])
    return (
        a_call_record(
            joinWebUrl=f"https://teams.microsoft.com/l/19%3ameeting?context=%7b%22Oid%22%3a%22{DOE}%22%7d&again={everything}",
            organizer={"user": {"id": DOE, "displayName": NAME}},
            organizer_v2={"id": DOE, "identity": {"user": john()}, "administrativeUnitInfos": []},
            participants=[{"user": {"id": DOE.upper(), "displayName": NAME}}],
            participants_v2=[a_participant(id=DOE, identity={"user": john(nick="john.doe")}), a_participant(id=OTHER)],
            sessions=[
                a_session(caller=his_end(), callee=a_service_endpoint(), segments=[segment]),
                a_session(caller=her_end(), callee=his_end(), segments=[back]),
            ],
            aNewProperty={DOE: f"8:orgid:{DOE}", "seen": "2026-02-25T18:52:21.2169889Z", "number": 1.10},
        )
        | changes
    )


async def everything(database, but=()):
    """All that the database holds, but for these tables, documents unpacked, as one text."""
    pieces = []
    async with database.reading() as db:
        for table in (table for table in metadata.sorted_tables if table.name not in but):
            for row in (await db.execute(select(table))).mappings():
                for name, value in row.items():
                    is_document = isinstance(table.c[name].type, LargeBinary) and name == "document"
                    pieces.append(codec.unpack(value) if is_document else str(value).encode())
    return b"\n".join(pieces)


async def bytes_of(database, url):
    """The files of a SQLite database; of PostgreSQL the pages of its tables, indexes and statistics."""
    if url.startswith("sqlite"):
        file = Path(make_url(url).database)
        return b"".join(part.read_bytes() for part in file.parent.glob(file.name + "*"))
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("ANALYZE")  # as autovacuum does: frequent values are then in pg_statistic
        await connection.execute("CHECKPOINT")
        rows = await connection.fetch(
            "SELECT pg_read_binary_file(pg_relation_filepath(c.oid::regclass)) AS pages FROM pg_class c"
            " JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE (n.nspname IN ('public', 'pg_toast') OR c.relname LIKE 'pg_statistic%') AND c.relkind IN ('r', 'i', 't')"
            " AND pg_relation_filepath(c.oid::regclass) IS NOT NULL"
        )
    finally:
        await connection.close()
    return b"".join(row["pages"] for row in rows)


def found_in(raw, traces=tuple(TRACES)):
    """Which of the traces are in these bytes, in any writing."""
    text = raw.decode("latin-1").casefold()
    decoded = unquote(unquote(text))
    return [trace for trace in traces if trace.casefold() in text or trace.casefold() in decoded]
