"""The formats by name. Pure."""

from collections.abc import Callable

from app.outbound.formats import alertmanager, standard, teams
from app.outbound.formats.message import Message
from app.outbound.sending.target import WebhookRefused

STANDARD, TEAMS, ALERTMANAGER = "standard", "teams", "alertmanager"

BODIES: dict[str, Callable[[Message], bytes]] = {
    STANDARD: standard.body,
    TEAMS: teams.body,
    ALERTMANAGER: alertmanager.body,
}
"""What writes the body in each format."""
_UNSIGNED = frozenset({TEAMS})


def checked(name: str) -> str:
    if name not in BODIES:
        raise WebhookRefused(f"{name[:40]!r} is no format; choose from {', '.join(BODIES)}")
    return name


def is_signed(name: str) -> bool:
    """Whether deliveries are signed; where they are not, the complete URL is the secret."""
    return name not in _UNSIGNED
