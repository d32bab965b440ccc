"""Which log rows are wanted: everything that may be asked for, as conditions on ``call_log_rows``."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Text, and_, literal, or_, select

from app import ids
from app.archive.parse.identities import identifiers, numbers
from app.archive.queries.filters import Filters, of_tenants
from app.archive.schema.call_log_tables import call_log_rows
from app.archive.schema.microseconds import microseconds
from app.archive.schema.tables import call_records
from app.ids import TenantId

MOST_HIDDEN = 6  # digits at the end of a number that Microsoft masks, at most

r, c = call_log_rows.c, call_records.c


@dataclass(frozen=True, slots=True, kw_only=True)
class LogFilters:
    """All that is given must hold; texts are compared exactly."""

    kinds: Sequence[str]
    since: datetime | None = None  # the first start
    until: datetime | None = None  # before this start
    tenant_id: TenantId | None = None
    tenants: Collection[TenantId] | None = None  # those that the caller may see; None is all
    sites: Collection[str] | None = None  # the caller may see rows of their calls only; None is all
    user: str | None = None  # object id or user principal name
    number: str | None = None  # of the caller or the callee; see is_number
    call_type: str | None = None
    trunk: str | None = None
    direction: str | None = None
    sip_code: int | None = None
    sub_code: int | None = None
    call_id: str | None = None  # of the archived call

    def of_calls(self) -> Filters:
        """The calls that the caller may see."""
        return Filters(tenant_id=self.tenant_id, tenants=self.tenants, sites=self.sites)

    def conditions(self) -> list[ColumnElement[bool]]:
        """All but the number, for which ``ends`` has the alternatives."""
        kind = _without_index(r.kind) if self._is_one_number() else r.kind
        asked = (
            kind == literal(self.kinds[0], Text()) if len(self.kinds) == 1 else kind.in_(self.kinds),
            None if self.since is None else r.ordered_at >= microseconds(self.since),
            None if self.until is None else r.ordered_at < microseconds(self.until),
            None if self.user is None else _is_user(self.user),
            None if self.call_type is None else r.call_type == literal(self.call_type, Text()),
            None if self.trunk is None else r.trunk == literal(self.trunk.strip().lower(), Text()),
            None if self.direction is None else r.direction == literal(self.direction, Text()),
            None if self.sip_code is None else r.final_sip_code == self.sip_code,
            None if self.sub_code is None else r.call_end_sub_reason == self.sub_code,
            None if self.call_id is None else self._of_call(self.call_id),
            None if self.sites is None else self._of_sites(),
        )
        tenants = of_tenants(self.of_calls().visible(), r.tenant_id)
        return [*tenants, *(one for one in asked if one is not None)]

    def ends(self) -> list[ColumnElement[bool]]:
        """Conditions of which one must hold, each for one index; empty without a number."""
        return [] if self.number is None else is_number(self.number)

    def _is_one_number(self) -> bool:
        wanted = numbers.asked(self.number) if self.number is not None else None
        return wanted is not None and not wanted.is_prefix and wanted.national_end is None

    def _of_call(self, call_id: str) -> ColumnElement[bool]:
        joined = select(c.key).where(c.call_id == literal(call_id, Text()), *self.of_calls().limits())
        return or_(r.join_id == literal(call_id, Text()), r.call_key.in_(joined))

    def _of_sites(self) -> ColumnElement[bool]:
        """A row has no site of its own; a join that was guessed from numbers and times shows nothing of a site."""
        seen = select(c.key).where(c.key == r.call_key, *self.of_calls().limits()).correlate(call_log_rows)
        return and_(r.join_method == "id", seen.exists())


def is_number(text: str) -> list[ColumnElement[bool]]:
    """Rows with the number at one of their ends; ValueError if the text is no number.

    A row whose last digits are masked may be of the number: it is found too.
    """
    wanted = numbers.asked(text)
    if wanted is None:
        raise ValueError("is not a telephone number: write digits, with or without + or 00; a prefix ends in *")
    digits = wanted.normal.removeprefix("+")
    return [
        one
        for known, hidden in ((r.caller_digits, r.caller_hidden_digits), (r.callee_digits, r.callee_hidden_digits))
        for one in (
            [_begins(known, digits)]
            if wanted.is_prefix
            else [*_is_complete(known, hidden, digits), *_ends(known, wanted.national_end)]
        )
    ]


def _is_user(text: str) -> ColumnElement[bool]:
    normal = identifiers.normal(text)
    return r.user_id == literal(normal, Text()) if ids.guid(text) else r.user_address == literal(normal, Text())


def _is_complete(known: ColumnElement[str], hidden: ColumnElement[int], digits: str) -> list[ColumnElement[bool]]:
    masked = [(digits[:-count], count) for count in range(1, MOST_HIDDEN + 1) if len(digits) > count + 3]
    return [and_(known == literal(part, Text()), hidden == count) for part, count in [(digits, 0), *masked]]


def _without_index(column: ColumnElement[str]) -> ColumnElement[str]:
    """So that a database without statistics does not read all rows in time order in search of one number."""
    return column.concat(literal("", Text()))


def _begins(known: ColumnElement[str], digits: str) -> ColumnElement[bool]:
    """As a range, which an index answers in every collation: digits are in the same order in all."""
    following = str(int(digits) + 1).zfill(len(digits))
    first = known >= literal(digits, Text())
    return first if len(following) > len(digits) else and_(first, known < literal(following, Text()))


def _ends(known: ColumnElement[str], national_end: str | None) -> list[ColumnElement[bool]]:
    """The country is not known: any number that ends in these digits."""
    return [] if national_end is None else [known.endswith(national_end, autoescape=True)]
