"""The options of an invented call record: one field for each shape in Graph's contract."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

HOME_TENANT = "3f1c9a52-7d0e-4b86-9c1b-5a2e8d470001"
PARTNER_TENANT = "7b6e2d14-20c5-4f3a-8a97-c0ffee150002"


Path = Literal["", "menu", "abandoned", "overflow", "timed_out", "second_queue", "voicemail", "forwarded"]
Unknown = Literal["", "0001", "9999"]  # the year that Graph writes for an unknown time


@dataclass(frozen=True, kw_only=True, slots=True)
class Recipe:
    id: str | None = None
    type: str = "peerToPeer"  # or groupCall, unknown
    version: int = 1
    participants: int = 2
    sessions: int | None = None  # default: one for two people, otherwise one each
    segments: int = 1  # in each session
    start: datetime | None = None  # default: the call ended 15 minutes ago
    duration: timedelta | float = timedelta(minutes=12)  # or seconds
    seed: int | None = None  # default: a different call each time
    tenant_id: str = HOME_TENANT
    organizer_id: str | None = None
    shape: Literal["v1.0", "beta"] = "v1.0"

    # who takes part, counted among the participants
    guests: int = 0
    federated: int = 0
    acs_users: int = 0
    application_instances: int = 0
    odd_identities: Sequence[str] = ()  # one each under such a key: application, device, encrypted, onPremises…
    pstn: bool = False
    resource_accounts: int = 0  # users without a name: an auto attendant's or a call queue's account

    # a call from a number through an auto attendant and a call queue; type must be groupCall
    queue: bool = False
    agents_rang: int = 2  # agents who rang and did not answer: sessions that end when they start, with a failureInfo
    answered: bool = True
    path: Path = ""  # another way than to an agent
    lacks_agents: bool = False  # as the first version of a record may, an hour before the second

    # identities as they were observed in production
    only_in_sessions: int = 0  # number of users who are missing in participants_v2
    dashed_guests: bool = False  # False: a guest's id is 32 hex digits without dashes
    none_names: bool = False  # "None" for an unknown name or tenant
    masked_numbers: bool = False  # the last digits are stars
    session_ids: Literal["plain", "prefixed", "braces"] = "plain"  # prefixed: 8:orgid:<GUID>, 4:<number>
    bare_numbers: bool = False  # a telephone is a participantEndpoint whose associatedIdentity holds only the number
    several_identities: bool = False  # a user's set holds a phone too
    empty_user: bool = False  # {"user": {}, "phone": {...}}
    address_only: bool = False  # associatedIdentity holds nothing but the userPrincipalName

    # quality and result
    poor: bool = False
    poor_sessions: int = 0  # number of sessions with bad Wi-Fi and poor ratings
    failed: bool = False
    muted: bool = False  # too few packets to call the sound good or poor
    feedback: bool = False
    video: bool = False
    sharing: bool = False
    modalities: Sequence[str] | None = None

    # form of the document
    nulls: bool = True  # False leaves them out
    deprecated: bool = False  # organizer, participants and endpoint identity beside the newer fields
    no_sessions: bool = False
    empty_media: bool = False
    repeated_sessions: int = 0  # number of sessions with the id of another session
    unknown_members: bool = False  # undocumented enum members
    odd_numbers: bool = False  # "NaN" and "INF", as OData writes them
    float_integers: bool = False  # an int64 as 6000.0
    unknown_start: Unknown = ""
    unknown_end: Unknown = ""
    extras: bool = False  # undocumented properties, at every level

    @property
    def span(self) -> timedelta:
        return self.duration if isinstance(self.duration, timedelta) else timedelta(seconds=self.duration)

    @property
    def session_count(self) -> int:
        if self.no_sessions:
            return 0
        if self.sessions is not None:
            return self.sessions
        return 1 if self.type == "peerToPeer" else self.participants
