"""Measured values beside their limits, as numbers with units and as text. Pure."""

from typing import NamedTuple

MOST_DIGITS = 6


class Quantity(NamedTuple):
    """What is measured: Graph's name of the property, a label, and the unit in which it is shown.

    ``scale`` converts Graph's value: a ratio of 0.27 is 27 %, a jitter of 0.045 s is 45 ms.
    """

    name: str
    label: str
    unit: str = ""
    scale: float = 1.0


class Measured(NamedTuple):
    """One value; ``limit`` is None where it has none. Beyond the limit is below it if ``is_least``."""

    quantity: Quantity
    value: float | str
    limit: float | None = None
    is_least: bool = False

    @property
    def text(self) -> str:
        """``27 %``, with as many digits as distinguish it from its limit."""
        if isinstance(self.value, str) or self.limit is None or self.value == self.limit:
            return written(self.value, self.quantity.unit)
        digits = next((n for n in range(2, MOST_DIGITS) if number(self.value, n) != number(self.limit, n)), MOST_DIGITS)
        return written(self.value, self.quantity.unit, digits)

    @property
    def limit_text(self) -> str:
        """``limit 10 %`` or ``at least 50 %``; empty where there is none."""
        if self.limit is None:
            return ""
        return f"{'at least' if self.is_least else 'limit'} {written(self.limit, self.quantity.unit)}"

    @property
    def beside_limit(self) -> str:
        """``packet loss 27 % (limit 10 %)``."""
        limit = f" ({self.limit_text})" if self.limit is not None else ""
        return f"{self.quantity.label} {self.text}{limit}"


def measured(quantity: Quantity, value: float | str, limit: float | None = None, *, is_least: bool = False) -> Measured:
    """From Graph's value and a limit in Graph's unit."""
    scaled = value if isinstance(value, str) else value * quantity.scale
    return Measured(quantity, scaled, None if limit is None else limit * quantity.scale, is_least)


def written(value: float | str, unit: str, digits: int = 2) -> str:
    text = value if isinstance(value, str) else number(value, digits)
    return f"{text} {unit}" if unit else text


def number(value: float, digits: int = 2) -> str:
    """With at least this many significant digits: 6.5, 27, 526."""
    if abs(value) < 1:
        return f"{round(value, 4):.{digits}g}"
    decimals = max(digits - len(str(int(abs(value)))), 0)
    text = f"{value:.{decimals}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
