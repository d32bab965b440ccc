"""How long each check waits for an answer."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """In seconds."""

    database: float = 5.0
    host: float = 5.0
    login: float = 8.0
    graph: float = 5.0
    handshake: float = 10.0  # the time that Graph waits
    notification: float = 3.0  # a slower handshake is a warning: Graph waits this long for the answer to a notification
