"""All figures of one group of log rows, such as those of a trunk or of a user: filled by sums, in any order. Pure."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from app.telephony.figures import sip_codes
from app.telephony.figures.concurrency import Peak, Sweep
from app.telephony.figures.costs import Costs
from app.telephony.figures.distribution import Spread, spread
from app.telephony.figures.results import Attempts, Result, of_attempt, percent
from app.telephony.figures.traffic import BusyHour, Occupancy

TOP_CODES = 10
SHORT_CALL = 15.0  # seconds; Microsoft: calls usually last 4 to 5 minutes on average, and 15 s point to a problem


@dataclass(frozen=True, slots=True)
class Rows:
    """Log rows that are alike: how many, and their sums. ``sip_code`` and what follows it are of Direct Routing."""

    number: int
    talk_seconds: float
    is_direct_routing: bool
    direction: str
    successful: bool | None
    sip_code: int | None = None
    sub_code: int | None = None
    short: int = 0
    """Rows that occupied a channel for at most as long as a short abandon."""

    @property
    def result(self) -> Result:
        """Rows of the PSTN log have no code: what was not answered has no other reason."""
        if self.is_direct_routing:
            return of_attempt(self.sip_code, successful=self.successful)
        return Result.answered if self.successful else Result.no_answer


@dataclass(frozen=True, slots=True)
class TopCode:
    """How often calls of one direction ended with this code."""

    direction: str
    sip_code: int | None
    sub_code: int | None
    calls: int

    @property
    def name(self) -> str:
        return sip_codes.name(self.sip_code)

    @property
    def meaning(self) -> str | None:
        return sip_codes.sub_code_meaning(self.sip_code, self.sub_code)

    @property
    def answered_by(self) -> sip_codes.GaveAnswer:
        return sip_codes.gave_answer(self.sub_code)


@dataclass(slots=True)
class Group:
    """The figures of a group."""

    attempts: int = 0
    answered: int = 0
    talk_seconds: float = 0.0
    abandoned: int = 0
    """Inbound calls that ended with 487: the caller left."""
    short_abandoned: int = 0
    trunk: Attempts = field(default_factory=Attempts)
    """Attempts of Direct Routing, by result: only they have a SIP code."""
    codes: Counter[tuple[str, int | None, int | None]] = field(default_factory=Counter)
    delays: dict[str, Counter[float]] = field(default_factory=lambda: {"inbound": Counter(), "outbound": Counter()})
    """Seconds from the INVITE to the start of answered calls, by direction."""
    costs: Costs = field(default_factory=Costs)
    sweep: Sweep = field(default_factory=Sweep)
    occupancy: Occupancy = field(default_factory=Occupancy)
    peak: Peak | None = None

    def add_rows(self, rows: Rows) -> None:
        result = rows.result
        self.attempts += rows.number
        if result is Result.answered:
            self.answered += rows.number
            self.talk_seconds += rows.talk_seconds
        if rows.is_direct_routing:
            self.trunk.results[result] += rows.number
            self.codes[rows.direction, rows.sip_code, rows.sub_code] += rows.number
            if rows.direction == "inbound" and rows.sip_code == CANCELLED and result is not Result.answered:
                self.abandoned += rows.number
                self.short_abandoned += rows.short

    def add_intervals(self, firsts: Sequence[int], lasts: Sequence[int]) -> None:
        self.sweep.add(firsts, lasts)
        self.occupancy.add(firsts, lasts)

    def asr(self) -> float | None:
        return percent(self.answered, self.attempts)

    def acd(self) -> float | None:
        """Mean seconds of talking of an answered call."""
        return round(self.talk_seconds / self.answered, 1) if self.answered else None

    def minutes(self) -> float:
        return round(self.talk_seconds / 60, 2)

    def peak_calls(self) -> Peak:
        if self.peak is None:
            self.peak = self.sweep.finished()
        return self.peak

    def busy_hour(self) -> BusyHour:
        return self.occupancy.busy_hour()

    def post_dial_delay(self) -> Spread:
        """Of answered outbound calls."""
        return spread(self.delays["outbound"])

    def answer_time(self) -> Spread:
        """Of answered inbound calls that no voice app answered."""
        return spread(self.delays["inbound"])

    def abandon_rate(self) -> float | None:
        """Of 100 inbound Direct Routing calls, without short abandons on both sides."""
        inbound = sum(number for (direction, *_), number in self.codes.items() if direction == "inbound")
        return percent(self.abandoned - self.short_abandoned, inbound - self.short_abandoned)

    def top_codes(self) -> list[TopCode]:
        """The most frequent first; ends of answered calls included."""
        ranked = sorted(self.codes.items(), key=lambda one: (-one[1], str(one[0])))
        return [TopCode(*code, number) for code, number in ranked[:TOP_CODES]]


CANCELLED = 487
