"""The bounds of reads in one process. SECURITY.md states them."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class TurnLimits:
    """Requests of one kind: under way in the process, under way and waiting for one caller, seconds of a wait."""

    at_once: int
    per_caller: int
    waiting: int = 16
    seconds: float = 10.0


@dataclass(frozen=True, slots=True)
class ReadLimits:
    """``exports`` have turns of their own, so that they neither wait for short reads nor delay them."""

    reads: TurnLimits = field(default_factory=lambda: TurnLimits(at_once=8, per_caller=4))
    exports: TurnLimits = field(default_factory=lambda: TurnLimits(at_once=2, per_caller=1, waiting=2))
    batches: TurnLimits = field(default_factory=lambda: TurnLimits(at_once=2, per_caller=1, waiting=4))
    live: TurnLimits = field(default_factory=lambda: TurnLimits(at_once=800, per_caller=4, waiting=0))
    """Streams of new calls; one beyond the limit is refused without a wait. ``at_once`` is all connections."""
    memory_bytes: int = 64_000_000
    memory_seconds: float = 10.0
    stalled_seconds: float = 30.0


CONNECTIONS = 6
"""Of the database, for reads alone."""
STATEMENT_SECONDS = 15.0
EXPORT_PATH = "/calls.csv"
BATCH_PATH = "/v1.0/$batch"
BATCH_BYTES = 8_000_000
"""Of the answers of one batch, which are in memory together."""
FREE_BYTES = 256_000
"""A document up to this size is read without a reservation: it costs less than the rest of its request."""
DIAGNOSED_SESSION = 20_000
"""Bytes that a session takes while its call is diagnosed."""
