"""The company's calls of the last days, each a record that Graph lists but does not send a notification about."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from app.simulator.company import connections
from app.simulator.company.calls import BACK_AFTER, CallMaker, answered_at
from app.simulator.company.legs import Leg
from app.simulator.company.sites import HARBOUR_OFFICE
from app.simulator.company.staff import AT_HOME, HEAD, Employee, staff

DAYS = 30
MARGIN = timedelta(hours=2)  # Graph does not list what is older than its retention
MINUTE = timedelta(minutes=1)
WORKING_DAYS = 5
DROP_DAYS = (1, 3)  # Tuesday and Thursday
ONE_TO_ONE, MEETINGS, TELEPHONE, QUEUE = 6, 4, 3, 2  # on each working day
MORE_IN_OUTAGE = 8
# Calls of the person with bad Wi-Fi at home: of 11 poor ones, 9 at home and 2 in the office.
POOR_AT_HOME, POOR_IN_OFFICE, GOOD_AT_HOME = 9, 2, 5


@dataclass(frozen=True, slots=True)
class Company:
    """The staff of a tenant and the calls of its last `days`, the same for the same seed and `now`."""

    tenant_id: str
    now: datetime
    seed: int = 0

    @property
    def staff(self) -> list[Employee]:
        return staff(self.tenant_id, self.seed)

    def calls(self, days: int = DAYS) -> Iterator[dict[str, Any]]:
        """Oldest day first; the days end yesterday."""
        month = Month(self.staff, self.now, self.tenant_id, self.seed)
        for ago in range(days - 1, 0, -1):
            midnight = (self.now - timedelta(days=ago)).replace(hour=0, minute=0, second=0, microsecond=0)
            if midnight > self.now - timedelta(days=DAYS) + MARGIN:
                yield from month.day(midnight.astimezone(UTC))

    def call(self, now: datetime, rng: Random) -> dict[str, Any]:
        """A call that ended a quarter of an hour ago."""
        month = Month(self.staff, self.now, self.tenant_id, rng.getrandbits(32))
        return month.latest(now)


class Month:
    def __init__(self, employees: Sequence[Employee], now: datetime, tenant_id: str, seed: int) -> None:
        self.rng = Random(seed)
        self.outage = connections.outage_day(now)
        self.make = CallMaker(tenant_id, employees, self.outage, self.rng)
        self.head = next(one for one in employees if one.name == HEAD)
        self.at_home = next(one for one in employees if one.name == AT_HOME)
        self.others = [one for one in employees if one not in (self.head, self.at_home)]
        self.agents = [one for one in self.others if one.department == "Support"]
        poor = [("home", True)] * POOR_AT_HOME + [("office", True)] * POOR_IN_OFFICE
        self.home_days = self.rng.sample(poor + [("home", False)] * GOOD_AT_HOME, len(poor) + GOOD_AT_HOME)

    def day(self, midnight: datetime) -> Iterator[dict[str, Any]]:
        if midnight.weekday() >= WORKING_DAYS:
            yield self.telephone(self.at(midnight))
            return
        is_outage = midnight.date() == self.outage.date()
        for _ in range(ONE_TO_ONE):
            yield self.one_to_one(self.at(midnight))
        for number in range(MEETINGS):
            yield self.meeting(
                midnight + timedelta(hours=7 + 2 * number, minutes=30),
                with_drop=number == 0 and midnight.weekday() in DROP_DAYS,
            )
        for _ in range(TELEPHONE):
            yield self.telephone(self.at(midnight))
        for number in range(QUEUE):
            yield self.queue(self.at(midnight), is_answered=number == 0 or self.rng.random() < 0.5)
        for _ in range(MORE_IN_OUTAGE * is_outage):
            yield self.one_to_one(midnight + timedelta(hours=8, minutes=self.rng.randrange(180)), self.in_outage())
        if self.home_days:
            yield self.with_bad_wifi(self.at(midnight), *self.home_days.pop())

    def latest(self, now: datetime) -> dict[str, Any]:
        start = now - self.span() - 15 * MINUTE
        kind = self.rng.choice((self.one_to_one, self.one_to_one, self.telephone, self.small_meeting))
        return kind(start)

    def at(self, midnight: datetime) -> datetime:
        """A time in the working hours, 7 to 16 in UTC."""
        return midnight + timedelta(hours=7, seconds=self.rng.randrange(9 * 3600))

    def span(self) -> timedelta:
        return timedelta(seconds=self.rng.randrange(90, 2700))

    def some(self, count: int) -> list[Employee]:
        return self.rng.sample(self.others, count)

    def in_outage(self) -> list[Employee]:
        """A person at the site of the outage, and any other one."""
        there = [
            one for one in self.others if connections.in_the_office(one).public_address == HARBOUR_OFFICE.public_address
        ]
        caller = self.rng.choice(there)
        return [caller, self.rng.choice([one for one in self.others if one is not caller])]

    def one_to_one(self, start: datetime, people: Sequence[Employee] = ()) -> dict[str, Any]:
        caller, callee = people or self.some(2)
        span = self.span()
        ends = (self.make.leg(one, start, start + span) for one in (caller, callee))
        return self.make.one_to_one(start, span, *ends, video=self.rng.random() < 0.3)

    def telephone(self, start: datetime) -> dict[str, Any]:
        span = self.span()
        leg = self.make.leg(self.some(1)[0], start, start + span)
        return self.make.telephone(start, span, leg, outbound=self.rng.random() < 0.6)

    def small_meeting(self, start: datetime) -> dict[str, Any]:
        return self.meeting(start, with_drop=False)

    def meeting(self, start: datetime, *, with_drop: bool) -> dict[str, Any]:
        """People leave at different times; on some days one loses the connection and is back after a while."""
        span = timedelta(minutes=self.rng.randrange(20, 55))
        people = self.some(self.rng.randrange(4, 10))
        if with_drop:
            people[0] = self.head
        present = [self.visit(one, start, start + span) for one in people]
        if with_drop:
            present += self.dropped(present)
        return self.make.meeting(start, span, present, video=self.rng.random() < 0.5)

    def visit(self, employee: Employee, start: datetime, end: datetime) -> Leg:
        begin = start + self.rng.random() * 3 * MINUTE
        leaves_early = self.rng.random() < 0.3
        return self.make.leg(employee, begin, end - (end - start) * self.rng.uniform(0.1, 0.6) * leaves_early)

    def dropped(self, present: list[Leg]) -> list[Leg]:
        """Shortens the last person's part; returns the part after the return."""
        last = present[-1]
        dropped_at = last.begin + (last.end - last.begin) * 0.4
        present[-1] = replace(last, end=dropped_at, dropped=True)
        return [replace(last, begin=dropped_at + BACK_AFTER, poor=False)]

    def queue(self, start: datetime, *, is_answered: bool) -> dict[str, Any]:
        rang, span = self.rng.sample(self.agents, 3), self.span()
        answered = self.make.leg(rang[0], answered_at(start, span), start + span) if is_answered else None
        return self.make.queue(start, span, rang[1:], answered)

    def with_bad_wifi(self, start: datetime, where: str, poor: bool) -> dict[str, Any]:  # noqa: FBT001
        span = self.span()
        caller = self.make.leg(self.at_home, start, start + span, poor=poor)
        if where == "office":
            caller = replace(caller, where=connections.in_the_office(self.at_home))
        callee = self.make.leg(self.rng.choice(self.agents), start, start + span, poor=False)
        return self.make.one_to_one(start, span, caller, callee)
