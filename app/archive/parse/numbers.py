"""Telephone numbers as people write them in a question. Pure.

``+41 22 555 01 46``, ``0041225550146`` and ``41225550146`` are one number; ``+41*`` is the beginning of numbers. The
last digits of a stored number may be masked: ``+49155555****``.
"""

import re
from typing import NamedTuple

_BETWEEN = re.compile(r"[\s().\-/\u2010-\u2015]")
_TRUNK = re.compile(r"\(0\)")  # +41 (0)22: the zero is only dialled within the country
_NUMBER = re.compile(r"(\+|00)?([0-9]{1,15})(\**)", re.ASCII)
_SHORTEST = 3  # digits of a number, as of an emergency call
_SHORTEST_END = 7  # digits of a national number that say enough without the country


class Number(NamedTuple):
    """What a question for a number asks for."""

    digits: str
    """With the country, masks included; of a national number without its 0."""
    is_prefix: bool
    is_national: bool
    """The country is not known: numbers that end in these digits are meant."""

    def forms(self) -> list[str]:
        """The ways in which Graph writes it as an id."""
        return sorted({f"+{self.digits}", self.digits, f"00{self.digits}", f"4:+{self.digits}", f"tel:+{self.digits}"})


def asked(text: str) -> Number | None:
    """The number, or the beginning of numbers; None of any other text."""
    given = text.strip()
    given = _TRUNK.sub("", given) if given.startswith(("+", "00")) else given
    found = _NUMBER.fullmatch(_BETWEEN.sub("", given))
    if found is None:
        return None
    sign, digits, masks = found.groups()
    if masks == "*":
        return Number(digits, is_prefix=True, is_national=False)
    if len(digits) < _SHORTEST:
        return None
    is_national = sign is None and digits.startswith("0") and len(digits) > _SHORTEST_END
    return Number((digits[1:] if is_national else digits) + masks, is_prefix=False, is_national=is_national)
