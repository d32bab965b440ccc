"""What calls cost, for each currency on its own: amounts of two currencies are never added. Pure."""

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal

_MILLION = 1_000_000
FREE = "FREECALL"  # licenseCapability of a call that Microsoft could not price


@dataclass(slots=True)
class Amount:
    """Of one currency, in millionths; ``free``: calls without a charge."""

    millionths: int = 0
    calls: int = 0
    free: int = 0

    @property
    def exact(self) -> Decimal:
        """At least two decimal places, and no zeros after them."""
        return written(self.millionths)


@dataclass(slots=True)
class Costs:
    """By currency; the empty text where Graph gave none."""

    amounts: dict[str, Amount] = field(default_factory=lambda: defaultdict(Amount))

    def add(self, currency: str | None, millionths: int, calls: int, free: int) -> None:
        amount = self.amounts[currency or ""]
        amount.millionths += millionths
        amount.calls += calls
        amount.free += free

    def known(self) -> dict[str, Amount]:
        """Of currencies that were charged, the largest amount of each first by name."""
        return {name: self.amounts[name] for name in sorted(self.amounts) if name or self.amounts[name].millionths}


def written(millionths: int) -> Decimal:
    """0.040000 as 0.04, 3 as 3.00, 0.0012 as it is."""
    whole, places = Decimal(millionths) / _MILLION, 2
    while places < 6 and millionths % 10 ** (6 - places):
        places += 1
    return whole.quantize(Decimal(1).scaleb(-places))
