"""Whether a call failed, and at which stage, from the failures that Graph reports on its sessions and segments. Pure.

A failureInfo counts where it stands on a session or segment that carried the call: one that was longer than zero, or
any where none was. Agents of a call queue who only rang have a session of length zero with a failure, and the call
was answered by another agent.
https://learn.microsoft.com/graph/api/resources/callrecords-failureinfo
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

Stage = Literal["setup", "midcall", "unknown"]

STAGES: tuple[Stage, ...] = ("midcall", "setup", "unknown")
"""A call that was set up and then broken off says more than a leg that was not set up, so midcall comes first."""
_OF_GRAPH: dict[str, Stage] = {"callsetup": "setup", "midcall": "midcall"}


class Failures:
    """The failures of one call, session by session and segment by segment."""

    def __init__(self) -> None:
        self._was_carried = False
        self._of_carriers: set[Stage] = set()
        self._of_zero_length: set[Stage] = set()

    def add(self, times: Sequence[datetime | None], failure: Any) -> None:
        """A session or segment: start and end, and its ``failureInfo`` as Graph wrote it.

        One of unknown length may have carried the call, so its failure counts.
        """
        start, end = times
        is_zero = start is not None and start == end
        if start and end and end > start:
            self._was_carried = True
        if is_failure(failure):
            (self._of_zero_length if is_zero else self._of_carriers).add(_stage(failure.get("stage")))

    def stage(self) -> Stage | None:
        """At which stage the call failed; None where it did not."""
        counted = self._of_carriers if self._was_carried else self._of_carriers | self._of_zero_length
        return next((stage for stage in STAGES if stage in counted), None)


def is_failure(failure: Any) -> bool:
    """Whether it says anything: an empty reason does, since Graph leaves reasons empty."""
    return isinstance(failure, dict) and any(failure.get(name) is not None for name in ("stage", "reason"))


def _stage(value: Any) -> Stage:
    return _OF_GRAPH.get(value.lower(), "unknown") if isinstance(value, str) else "unknown"
