"""What an outcome is judged by: the parts of a call record that matter, without their form. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, NamedTuple, get_args

AppKind = Literal["auto_attendant", "call_queue"]
APP_KINDS: tuple[AppKind, ...] = get_args(AppKind)


class App(NamedTuple):
    """A resource account: an auto attendant or a call queue."""

    kind: AppKind
    name: str | None = None


Apps = Mapping[str, App]
"""Object id in its normal form -> the resource account, of one tenant."""

NO_APPS: Apps = {}


class End(NamedTuple):
    """One end of a session. ``id`` is in its normal form, and empty where it is not known."""

    kind: str | None = None
    id: str = ""
    name: str | None = None
    tenant_id: str = ""
    role: str | None = None
    header: str | None = None
    is_service: bool = False
    has_client: bool = False


NOBODY = End()


class Leg(NamedTuple):
    """One session."""

    start: datetime | None
    end: datetime | None
    caller: End
    callee: End
    failure: str | None = None
    """The stage and the reason of failureInfo; None where there is none."""

    @property
    def seconds(self) -> float | None:
        """None where a time is missing, or where the end lies before the start."""
        if self.start is None or self.end is None or self.end < self.start:
            return None
        return (self.end - self.start).total_seconds()


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    tenant_id: str = ""
    type: str | None = None
    is_meeting: bool = False
    """Whether it has a join URL."""
    modified: datetime | None = None
    """lastModifiedDateTime, else the best time that is known."""
    organizer: End = NOBODY
    legs: Sequence[Leg] = ()
    participants: Sequence[End] = field(default=())
    has_media: bool = False
    has_packets: bool = False
    is_voicemail: bool = False
    """Whether a participant's endpointType is voicemail."""
