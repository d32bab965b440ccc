"""Refuses parameters that a route does not have: one that is ignored would look like a filter that found everything."""

from collections.abc import Iterable

from app.web.problems import Problem

_SHOWN = 10
_LONGEST = 50  # characters of a name in the message


def refuse(given: Iterable[str], known: Iterable[str]) -> None:
    """A 400 problem that names the unknown ones and all that are known."""
    names = sorted(set(known))
    if unknown := sorted(set(given) - set(names)):
        shown = ", ".join(name[:_LONGEST] for name in unknown[:_SHOWN])
        raise Problem(400, f"Unknown parameter {shown}; known are {', '.join(names) or 'none'}.")
