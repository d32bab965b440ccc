"""Calls to fill an archive with: some hundred records read once, and given to ever other people at ever other times.

Reading a record costs a millisecond, and what a query meets does not depend on it: a million of them would take long.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson

from app.archive.parse.identities.identifiers import folded
from app.archive.parse.record import ParsedRecord, RecordBuilder
from app.simulator.records import a_call_record
from app.simulator.samples.people import FIRST, LAST
from bench.processes import TENANT

TEMPLATES = 400
SPAN = timedelta(days=730)
TOMORROW = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
FIRST_START = TOMORROW - SPAN  # pages show what was in the last hours and days
BUSY_CALLS = 1_000  # of one person in the last 90 days, from 100,000 calls on
BUSY_SINCE = TOMORROW - timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Somebody:
    key: int
    id: str
    upn: str
    name: str


@dataclass(frozen=True, slots=True)
class Call:
    key: int
    call_id: str
    start: datetime
    record: ParsedRecord
    people: list[Somebody]


def people(count: int) -> list[Somebody]:
    """For so many calls: 20,000 people in a million, so that everybody is in as many whatever the size."""
    rng = random.Random(1)
    found = []
    for number in range(1, max(count // 50, 200) + 1):
        first, last, letter = rng.choice(FIRST), rng.choice(LAST), chr(65 + rng.randrange(26))
        upn = f"{first}.{letter}.{last}{number}@contoso.example".lower()
        found.append(Somebody(number, str(UUID(int=rng.getrandbits(128), version=4)), upn, f"{first} {letter}. {last}"))
    return found


def busy(everybody: list[Somebody]) -> Somebody:
    """The one who has so many calls in so few days, all of them complete with WHOLE_EVERY=10."""
    return everybody[-1]


def person_row(one: Somebody) -> tuple[Any, ...]:
    return (one.key, TENANT, one.id, folded(one.upn), folded(one.name), one.id, one.name, one.upn, TENANT)


def calls(count: int, everybody: list[Somebody]) -> Iterator[Call]:
    """In order of arrival, which is roughly that of their starts; some people are in many more than others."""
    rng = random.Random(2)
    templates, left = records(), BUSY_CALLS
    for number in range(count):
        record = templates[rng.randrange(len(templates))]
        size = max(record.row["participant_count"], 1)
        start = FIRST_START + SPAN * (number / count) + timedelta(seconds=rng.randrange(3600))
        places = {int(len(everybody) * rng.random() ** 2) for _ in range(size)}
        call_id = str(UUID(int=rng.getrandbits(128), version=4))
        here = [everybody[place] for place in places]
        if left and (number + 1) % 10 == 0 and start >= BUSY_SINCE and busy(everybody) not in here:
            here[0], left = busy(everybody), left - 1
        yield Call(number + 1, call_id, start, record, here)


def records() -> list[ParsedRecord]:
    """Four of five between two people; meetings of a lognormal size, half of them below five people."""
    rng = random.Random(3)
    return [_record(number, rng) for number in range(TEMPLATES)]


def _record(number: int, rng: random.Random) -> ParsedRecord:
    meeting = rng.random() < 0.2
    recipe = {
        "seed": number,
        "start": FIRST_START,
        "tenant_id": TENANT,
        "duration": rng.lognormvariate(6.2, 1.0),
        "type": "groupCall" if meeting else "peerToPeer",
        "participants": min(int(rng.lognormvariate(1.6, 0.8)) + 2, 200) if meeting else 2,
        "video": rng.random() < 0.4,
        "sharing": rng.random() < 0.3,
        "poor": rng.random() < 0.06,
        "failed": rng.random() < 0.02,
        "feedback": rng.random() < 0.05,
        "pstn": rng.random() < 0.05,
    }
    raw = orjson.dumps(a_call_record(**recipe))
    builder = RecordBuilder(TENANT, str(number))
    builder.begin(orjson.loads(raw), raw)
    return builder.finish(FIRST_START)
