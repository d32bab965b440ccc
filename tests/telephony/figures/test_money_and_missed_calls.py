"""Cost for each currency on its own, and missed calls that were not returned."""

from decimal import Decimal

import pytest

from app.telephony.figures import costs
from app.telephony.figures.costs import Costs
from app.telephony.figures.traffic import HOUR
from app.telephony.figures.unreturned import Unreturned, never_returned


@pytest.mark.parametrize(
    ("millionths", "text"),
    [(40_000, "0.04"), (3_000_000, "3.00"), (1_200, "0.0012"), (0, "0.00"), (1, "0.000001"), (-1_500_000, "-1.50")],
)
def test_an_amount_is_written_with_two_places_and_those_that_it_needs(millionths, text):
    assert str(costs.written(millionths)) == text


def test_two_currencies_are_never_added():
    found = Costs()
    found.add("EUR", 40_000, calls=2, free=1)
    found.add("USD", 1_010_000, calls=1, free=0)
    found.add("EUR", 10_000, calls=1, free=0)
    found.add(None, 0, calls=5, free=5)
    assert {name: (a.exact, a.calls, a.free) for name, a in found.known().items()} == {
        "EUR": (Decimal("0.05"), 3, 1),
        "USD": (Decimal("1.01"), 1, 0),
    }


def test_an_amount_without_a_currency_is_shown_apart():
    found = Costs()
    found.add(None, 20_000, calls=1, free=0)
    assert list(found.known()) == [""]


NOW = 100 * HOUR


def test_a_missed_call_is_returned_by_a_call_to_its_number_within_24_hours():
    missed = [
        ("4930", 10 * HOUR, 1),  # called back after 24 hours exactly
        ("4940", 10 * HOUR, 2),  # called back too late
        ("4950", 10 * HOUR, 3),  # called before, not after
        ("4950", 12 * HOUR, 4),
        ("4960", 12 * HOUR, 5),  # called again, and was answered
        ("4970", 77 * HOUR, 6),  # 24 hours are not over
        ("4980", 76 * HOUR, 7),
    ]
    called_back = {"4930": [34 * HOUR], "4940": [34 * HOUR + 1], "4950": [9 * HOUR, 10 * HOUR]}
    answered = {"4960": [13 * HOUR], "4980": [75 * HOUR]}
    assert never_returned(missed, called_back, answered, NOW) == [
        Unreturned("4980", 76 * HOUR, 7, 1, reached_later=False),
        Unreturned("4950", 12 * HOUR, 4, 2, reached_later=False),
        Unreturned("4960", 12 * HOUR, 5, 1, reached_later=True),
        Unreturned("4940", 10 * HOUR, 2, 1, reached_later=False),
    ]
