"""The company's rows of the PSTN and Direct Routing logs: those of its telephone calls, and of attempts without a call.

Most telephone calls go over two trunks of the company's own SBCs; the others are Calling Plan calls, whose rows do not
name their call. On one day the second trunk refuses most calls for an hour.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from app.simulator.call_logs.rows import REFUSALS, direct_routing_row, masked, pstn_row
from app.simulator.call_logs.store import DIRECT_ROUTING, PSTN, Row
from app.simulator.company.staff import Employee

TRUNKS = ("sbc1.contoso.example", "sbc2.contoso.example")
BUSY, SBC_IS_DOWN = REFUSALS[:4], REFUSALS[5]
ATTEMPTS, CALLS_BEFORE, IN_BAD_HOUR = 7, 18, 60  # rows of a working day without a call record
DAYS_BEFORE = 45  # days of rows before those of the call records, which Graph has for 30 days
BAD_HOUR = 9  # in UTC
CALLING_PLAN, FIRST_TRUNK = 0.3, 0.75  # shares of the calls, of those over a trunk

COUNTRIES = {"+41": ("Switzerland", 0.021), "+44": ("United Kingdom", 0.018), "+49": ("Germany", 0.012)}


@dataclass(frozen=True, slots=True)
class CompanyLogs:
    """Each row with the log that it is in."""

    staff: list[Employee]
    now: datetime
    rng: Random

    def of_calls(self, documents: Iterable[dict[str, Any]]) -> Iterator[tuple[str, Row]]:
        for document in documents:
            if row := self.of_call(document):
                yield row

    def of_call(self, document: dict[str, Any]) -> tuple[str, Row] | None:
        """None for a call without a telephone."""
        number = next((one for one in _ids(document, "phone") if one.startswith("+")), None)
        if number is None:
            return None
        is_inbound = number in _ids_of(document["organizer_v2"], "phone")
        is_queue = document["type"] == "groupCall"
        user = next((one for one in self.staff if one.person.id in _ids(document, "user")), None)
        start, end = (datetime.fromisoformat(document[name]) for name in ("startDateTime", "endDateTime"))
        if not is_queue and self.rng.random() < CALLING_PLAN and user:
            return PSTN, self.calling_plan(number, user, start, end, is_inbound=is_inbound)
        changes = {
            "correlationId": document["id"],
            **self.numbers(masked(number), user, is_inbound=is_inbound),
            **({} if is_queue or user is None else _user(user)),
        }
        call_type = "ByotInUcap" if is_queue else "ByotIn" if is_inbound else "ByotOut"
        span = int((end - start).total_seconds())
        return DIRECT_ROUTING, direct_routing_row(
            self.rng, start, call_type, seconds=span, trunk=self.trunk(), **changes
        )

    def calling_plan(self, number: str, user: Employee, start: datetime, end: datetime, *, is_inbound: bool) -> Row:
        seconds = int((end - start).total_seconds())
        country, price = COUNTRIES.get(number[:3], ("Germany", 0.012))
        is_domestic = number.startswith("+49")
        costs = {
            "destinationContext": "Domestic" if is_domestic else "International",
            "destinationName": country,
            "charge": round(price * (seconds // 60 + 1), 4),
            "connectionCharge": 0 if is_domestic else 0.05,
        }
        return pstn_row(
            self.rng,
            start,
            "user_in" if is_inbound else "user_out",
            **self.numbers(masked(number), user, is_inbound=is_inbound),
            **_user(user),
            endDateTime=end.isoformat().replace("+00:00", "Z"),
            duration=seconds,
            licenseCapability="MCOPSTN5",
            **({"charge": 0, "connectionCharge": 0} if is_inbound else costs),
        )

    def without_calls(self, days: int) -> Iterator[tuple[str, Row]]:
        """Attempts that failed, of which Teams has no call record, and calls that are older than the records."""
        for ago in range(days + DAYS_BEFORE, 0, -1):
            midnight = (self.now - timedelta(days=ago)).replace(hour=0, minute=0, second=0, microsecond=0)
            if midnight.weekday() < 5:
                yield from ((DIRECT_ROUTING, row) for row in self.attempts(midnight))
                if ago >= days:
                    yield from ((DIRECT_ROUTING, self.earlier(midnight)) for _ in range(CALLS_BEFORE))
        yield from ((DIRECT_ROUTING, row) for row in self.bad_hour(days))

    def attempts(self, midnight: datetime) -> Iterator[Row]:
        for _ in range(ATTEMPTS):
            start = midnight + timedelta(hours=7, seconds=self.rng.randrange(9 * 3600))
            yield self.refused(start, self.rng.choice(BUSY), self.trunk())

    def earlier(self, midnight: datetime) -> Row:
        start = midnight + timedelta(hours=7, seconds=self.rng.randrange(9 * 3600))
        user, call_type = self.rng.choice(self.staff), self.rng.choice(("ByotIn", "ByotOut", "ByotOut"))
        outside = f"+4930231250{self.rng.randrange(10)}***"[:13]
        return direct_routing_row(
            self.rng,
            start,
            call_type,
            trunk=self.trunk(),
            **_user(user),
            **self.numbers(outside, user, is_inbound=call_type == "ByotIn"),
        )

    def bad_hour(self, days: int) -> Iterator[Row]:
        """On the last working day that is complete and among these days."""
        past = [self.now - timedelta(days=ago) for ago in range(1, days + 1)]
        day = next((one for one in past if one.weekday() < 5), None)
        begin = day.replace(hour=BAD_HOUR, minute=0, second=0, microsecond=0) if day else None
        for _ in range(IN_BAD_HOUR if begin else 0):
            assert begin is not None
            start = begin + timedelta(seconds=self.rng.randrange(3600))
            yield self.refused(start, SBC_IS_DOWN, TRUNKS[1])

    def refused(self, start: datetime, refusal: tuple[int, int, str], trunk: str) -> Row:
        user = self.rng.choice(self.staff)
        outside = f"+493023125{self.rng.randrange(10)}***"
        numbers = self.numbers(outside, user, is_inbound=False)
        return direct_routing_row(self.rng, start, "ByotOut", refusal=refusal, trunk=trunk, **_user(user), **numbers)

    def trunk(self) -> str:
        return TRUNKS[0] if self.rng.random() < FIRST_TRUNK else TRUNKS[1]

    def numbers(self, outside: str, user: Employee | None, *, is_inbound: bool) -> dict[str, Any]:
        ours = f"+4930555{user.number if user else 0:04d}"
        return {"callerNumber": outside if is_inbound else ours, "calleeNumber": ours if is_inbound else outside}


def _user(employee: Employee) -> dict[str, Any]:
    person = employee.person
    return {"userId": person.id, "userPrincipalName": person.upn, "userDisplayName": person.name}


def _ids(document: dict[str, Any], key: str) -> list[str]:
    parties = [document["organizer_v2"], *document["participants_v2"]]
    sessions = [session[end] for session in document["sessions"] for end in ("caller", "callee")]
    agents = [end.get("associatedIdentity") or {} for end in sessions]
    found = [one for party in parties for one in _ids_of(party, key)]
    return [*found, *(one["id"] for one in agents if key == "user" and one.get("id"))]


def _ids_of(party: dict[str, Any], key: str) -> list[str]:
    identity = (party.get("identity") or {}).get(key) or {}
    return [identity["id"]] if identity.get("id") else []
