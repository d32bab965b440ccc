"""What one rule of the table is: which values show a cause, which symptoms it explains, and what to do. Pure."""

from collections.abc import Callable, Sequence
from typing import Any, Literal, NamedTuple

from app.archive.diagnosis.legs import Leg
from app.archive.diagnosis.measured import Measured, Quantity, measured
from app.archive.diagnosis.symptoms import Symptom

Weight = Literal["strong", "medium", "weak"]
Found = list[Measured]
"""What a rule found, as values; empty where the rule does not apply."""
Find = Callable[[Sequence[Leg]], Found]


class Rule(NamedTuple):
    """One cause. ``limit`` is its limit in words, ``source`` who set it: Microsoft or Callkeeper.

    ``explains``: without one of these symptoms the rule does not apply. ``weight``: how much its values prove.
    ``alone``: a person with it is affected even where no stream was poor; in ``one_to_one`` calls only there.
    ``advice`` is a sentence that begins with a verb.
    """

    code: str
    text: str
    limit: str
    source: Literal["Microsoft", "Callkeeper"]
    advice: str
    find: Find
    explains: frozenset[Symptom]
    weight: Weight = "medium"
    alone: Literal["always", "one_to_one", "never"] = "never"


def largest(legs: Sequence[Leg], name: str, *, of_device: bool = False) -> float | None:
    """The largest value that the person's end of any leg has; None where none has one."""
    known = [value for leg in legs if (value := leg.device(name) if of_device else leg.network(name)) is not None]
    return max(known, default=None)


def above(
    legs: Sequence[Leg], column: str, quantity: Quantity, least: float, *, of_device: bool = False, strict: bool = False
) -> Found:
    """The largest value, if it is at or above ``least`` (above it if ``strict``)."""
    value = largest(legs, column, of_device=of_device)
    is_beyond = value is not None and (value > least if strict else value >= least)
    return [measured(quantity, value, least)] if is_beyond and value is not None else []


def text_of(legs: Sequence[Leg], name: str) -> list[Any]:
    """The different values of a network property, in the order of the legs, without unknown ones."""
    values = (leg.network(name) for leg in legs)
    return list(dict.fromkeys(value for value in values if value not in {None, "", "unknown", "unknownFutureValue"}))
