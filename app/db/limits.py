"""How long PostgreSQL may take."""

from dataclasses import dataclass

SLACK = 1.0  # seconds that the server's limit of a statement is longer than ours


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds; None: without limit.

    ``statement``: one statement. ``lock``: its wait for one lock. ``idle``: a transaction between two statements,
    after which the server ends it and releases its locks, because its client has probably vanished.
    """

    statement: float | None = None
    lock: float | None = None
    idle: float | None = None

    def as_settings(self) -> dict[str, str]:
        """As PostgreSQL names them, in milliseconds."""
        named = {
            # Ours ends a statement before; the server's is for a client that has vanished.
            "statement_timeout": self.statement and self.statement + SLACK,
            "lock_timeout": self.lock,
            "idle_in_transaction_session_timeout": self.idle,
        }
        return {name: str(int(seconds * 1000)) for name, seconds in named.items() if seconds is not None}
