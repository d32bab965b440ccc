"""Charges of a log row: exactly, and in millionths of the currency, which a database adds up exactly. Pure."""

import re
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from app.wire import LONGEST, ExactFloat

_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?", re.ASCII)
_MOST = Decimal(10) ** 12  # of any currency; more is no charge of a call
_MOST_PLACES = 12
_MILLION = Decimal(1_000_000)


def amount(value: Any) -> Decimal | None:
    """The number as Graph wrote it, also where it is written as text; None for anything else."""
    text = _written(value)
    if text is None or len(text) > LONGEST or not _NUMBER.fullmatch(text):
        return None
    exact = Decimal(text)
    exponent = exact.as_tuple().exponent
    is_usual = abs(exact) < _MOST and isinstance(exponent, int) and exponent >= -_MOST_PLACES
    return exact if is_usual else None


def millionths(exact: Decimal | None) -> int | None:
    """Rounded to the even one where the amount has more than six decimal places."""
    return None if exact is None else int((exact * _MILLION).to_integral_value(ROUND_HALF_EVEN))


def _written(value: Any) -> str | None:
    if isinstance(value, ExactFloat):
        return value.text
    if isinstance(value, float):
        return repr(value)  # the shortest text that is this double: as it was written
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) else None
