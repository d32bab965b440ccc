"""What the client returns: parts of a record as Graph wrote them, and entries of its lists."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from app.ids import CallId

Kind = Literal["read", "record", "sessions", "participants", "incomplete"]


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of one record: first the record with its first pages, then each further page.

    A single part of kind "read" has in `value` what was read elsewhere from a record that came complete in one answer.

    `raw` is the record's text as Graph gave it, only where the complete record came in one answer; only then does
    `value` have no more than the beginning of texts that are longer than a megabyte.
    `restart`: forget every row of this kind read so far, those in the record part too; this list starts again.
    A last part of kind "incomplete" says in `value["reason"]` which of Graph's links could not be followed.
    """

    kind: Kind
    value: Any
    raw: bytes | None = None
    restart: bool = False


@dataclass(frozen=True, slots=True)
class Organizer:
    """Who organized a listed call; the repr has none of it, because it is personal data."""

    id: str = field(repr=False)
    name: str | None = field(default=None, repr=False)
    user_principal_name: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Listed:
    """An entry of the list of call records; `version` is 0 where Graph gave none."""

    id: CallId
    version: int
    start: datetime | None
    end: datetime | None
    organizer: Organizer | None = None


@dataclass(frozen=True, slots=True)
class Subscription:
    """`client_state` is None where Graph does not give it back, which it need not."""

    id: str
    resource: str
    change_type: str
    notification_url: str
    lifecycle_url: str | None
    expires: datetime
    application_id: str | None
    client_state: str | None
