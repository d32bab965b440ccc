"""Rows of the PSTN and Direct Routing logs to fill a database with: one invented week, copied within the database to
all weeks of a year, because reading a row of Graph costs more than copying one.
"""

import random
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, insert, literal, select, text
from sqlalchemy.sql.elements import ColumnElement

from app.archive.call_logs import store
from app.archive.parse.call_logs import row as log_row
from app.archive.schema.call_log_tables import call_log_rows
from app.db import Database
from bench.processes import TENANT

WEEKS = 52
WEEK = timedelta(days=7)
END = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
TRUNKS = ("sbc1.contoso.example", "sbc2.contoso.example", "sbc3.contoso.example", "sbc4.contoso.example")
USERS = 2_000

_HOURS = [1, 1, 1, 1, 1, 2, 6, 20, 60, 80, 80, 70, 50, 70, 80, 80, 60, 30, 10, 6, 4, 3, 2, 1]
_DAYS = [10, 10, 10, 10, 9, 2, 1]
_CODES = [(0, 540000, "BYE")] * 12 + [
    (486, 560486, "Busy Here"),
    (487, 540487, "Request Terminated"),
    (480, 560480, "Temporarily Unavailable"),
    (404, 511404, "Not Found"),
    (503, 560503, "Service Unavailable"),
]
_DIRECT = ["ByotIn"] * 5 + ["ByotOut"] * 6 + ["ByotInUcap"] * 2 + ["ByotOutUserForwarding"]
_PSTN = ["user_in"] * 4 + ["user_out"] * 6 + ["ucap_in", "conf_in", "oc_user_out"]
_DESTINATIONS = ["Germany", "France", "Denmark", "Italy", "Spain", "Switzerland", "United Kingdom", "Norway"]


def user(number: int) -> tuple[str, str]:
    """Object id and user principal name."""
    return str(UUID(int=number + 1, version=4)), f"user{number}@contoso.example"


async def fill(url: str, count: int) -> int:
    """How many rows there are."""
    database = Database.open(url)
    of_week = count // WEEKS
    first = END - WEEK * WEEKS
    rng = random.Random(7)
    items = sorted((_item(rng, first) for _ in range(of_week)), key=lambda one: str(one[1]["startDateTime"]))
    parsed = [log_row.parsed(TENANT, kind, item, END) for kind, item in items]
    async with database.begin() as db:
        for kind in ("pstn", "direct_routing"):
            await store.put(db, [one for one in parsed if one and one.kind == kind], END)
    for week in range(1, WEEKS):
        async with database.begin() as db:
            await db.execute(_copied(week, of_week))
    async with database.begin() as db:
        await db.execute(text("ANALYZE"))
    await database.close()
    return of_week * WEEKS


def _copied(week: int, of_week: int) -> Any:
    """The first week's rows some weeks later, under other ids."""
    later = week * int(WEEK.total_seconds()) * 1_000_000
    r = call_log_rows.c
    changed: dict[str, ColumnElement[Any]] = {
        "key": r.key + week * of_week,
        "row_id": r.row_id + literal(f"-{week}"),
        **{
            name: r[name] + literal(later, BigInteger())
            for name in (
                "ordered_at",
                "start_at",
                "invite_at",
                "failure_at",
                "end_at",
                "occupied_from",
                "occupied_until",
            )
        },
    }
    names = [column.name for column in call_log_rows.columns]
    values = select(*(changed.get(name, r[name]) for name in names)).where(r.key <= of_week).order_by(r.key)
    return insert(call_log_rows).from_select(names, values)


def _item(rng: random.Random, first: datetime) -> tuple[str, dict[str, Any]]:
    day, hour = rng.choices(range(7), _DAYS)[0], rng.choices(range(24), _HOURS)[0]
    start = first + timedelta(days=day, hours=hour, seconds=rng.randrange(3_600_000) / 1000)
    number = rng.randrange(USERS)
    user_id, address = user(number)
    ours, theirs = f"+4930555{number:04}", f"+4930123{rng.randrange(10_000):04}***"
    is_direct = rng.random() < 0.6
    call_type = rng.choice(_DIRECT if is_direct else _PSTN)
    inbound = "in" in call_type.lower().replace("_", "")
    item: dict[str, Any] = {
        "id": str(UUID(int=rng.getrandbits(128), version=4)),
        "userId": user_id,
        "userPrincipalName": address,
        "userDisplayName": f"User {number}",
        "callType": call_type,
        "callerNumber": theirs if inbound else ours,
        "calleeNumber": ours if inbound else theirs,
    }
    rest = _direct(rng, start) if is_direct else _pstn(rng, start)
    return ("direct_routing" if is_direct else "pstn"), item | rest


def _direct(rng: random.Random, invite: datetime) -> dict[str, Any]:
    code, sub_code, phrase = rng.choice(_CODES)
    rang, talked = timedelta(seconds=rng.randrange(1, 25)), timedelta(seconds=rng.expovariate(1 / 200))
    end = invite + rang + talked
    return {
        "correlationId": str(UUID(int=rng.getrandbits(128), version=4)),
        "inviteDateTime": _time(invite),
        "startDateTime": _time(invite + rang),
        "failureDateTime": "0001-01-01T00:00:00Z" if not code else _time(invite + rang),
        "endDateTime": _time(end) if not code else None,
        "duration": int((end - invite).total_seconds()),
        "successfulCall": not code,
        "finalSipCode": code,
        "callEndSubReason": sub_code,
        "finalSipCodePhrase": phrase,
        "trunkFullyQualifiedDomainName": rng.choices(TRUNKS, (50, 30, 15, 5))[0],
        "mediaBypassEnabled": False,
        "mediaPathLocation": "EUNO",
        "signalingLocation": "EUNO",
    }


def _pstn(rng: random.Random, start: datetime) -> dict[str, Any]:
    talked = int(rng.expovariate(1 / 200)) if rng.random() < 0.7 else 0
    return {
        "callId": f"{rng.randrange(10**9)}_{rng.randrange(10**8)}@203.0.113.20",
        "startDateTime": _time(start),
        "endDateTime": _time(start + timedelta(seconds=talked)),
        "duration": talked,
        "charge": rng.randrange(300) / 1000,
        "connectionCharge": 0,
        "currency": rng.choices(("EUR", "USD"), (9, 1))[0],
        "destinationContext": "Domestic",
        "destinationName": rng.choice(_DESTINATIONS),
        "licenseCapability": "MCOPSTN5",
        "inventoryType": "Subscriber",
        "operator": "Microsoft",
        "callDurationSource": "microsoft",
    }


def _time(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.%f0Z")
