"""Which calls are wanted: everything one may ask for, as conditions on a call's own row."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Text, false, literal, or_

from app.archive.parse import join_url
from app.archive.queries.dimension_filter import has_value
from app.archive.schema.dimensions import FILTERED
from app.archive.schema.tables import call_records
from app.ids import TenantId

c = call_records.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """All that is given must hold. Texts are compared exactly, but for people: see search."""

    since: datetime | None = None  # the first start
    until: datetime | None = None  # before this start
    tenant_id: TenantId | None = None
    tenants: Collection[TenantId] | None = None  # those that the caller may see; None is all
    sites: Collection[str] | None = None  # the caller may see their calls only; None is all
    type: str | None = None
    modality: str | None = None
    participant: str | None = None  # organizers take part too
    organizer: str | None = None
    department: str | None = None  # of a participant, on that day; see queries.members
    number: str | None = None  # of anybody who took part; see parse.numbers
    quality: str | None = None
    failed: bool | None = None
    failed_stage: str | None = None  # setup, midcall or unknown
    rating: str | None = None
    outcome: str | None = None  # see outcomes.words
    direction: str | None = None  # inbound, outbound or internal
    pstn: bool | None = None
    min_duration: float | None = None  # seconds
    join_url: str | None = None  # the meeting's, in any form
    platform: str | None = None  # this and all below: dimensions; an empty text selects unknown values
    product_family: str | None = None
    client_version: str | None = None
    device: str | None = None
    connection_type: str | None = None
    wifi_band: str | None = None
    subnet: str | None = None
    transport: str | None = None
    relay: str | None = None
    codec: str | None = None
    site: str | None = None
    network: str | None = None
    inside: str | None = None
    wired: str | None = None
    vpn: str | None = None
    access_point: str | None = None

    def visible(self) -> list[TenantId] | None:
        """The tenants whose calls are wanted and may be seen; None is all."""
        may = None if self.tenants is None else sorted(set(self.tenants))
        if self.tenant_id is None:
            return may
        return [self.tenant_id] if may is None or self.tenant_id in may else []

    def limits(self) -> list[ColumnElement[bool]]:
        """Which calls the caller may see at all, of the tenants that are wanted."""
        sites = (
            []
            if self.sites is None
            else [or_(false(), *(has_value("site", site) for site in sorted(self.sites) if site))]
        )
        return [*of_tenants(self.visible(), c.tenant_id), *sites]

    def conditions(self) -> list[ColumnElement[bool]]:
        """All but the people."""
        asked = (
            None if self.since is None else c.ordered_at >= self.since,
            None if self.until is None else c.ordered_at < self.until,
            None if self.type is None else c.type == self.type,
            None if self.modality is None else c.modalities.contains(f'"{self.modality}"', autoescape=True),
            None if self.quality is None else c.quality == self.quality,
            None if self.failed is None else c.failed == literal(self.failed),
            None if self.failed_stage is None else c.failed_stage == self.failed_stage,
            None if self.rating is None else c.rating == self.rating,
            None if self.outcome is None else c.outcome == self.outcome,
            None if self.direction is None else c.direction == self.direction,
            None if self.pstn is None else c.pstn == literal(self.pstn),
            None if self.min_duration is None else c.duration_seconds >= self.min_duration,
            None if self.join_url is None else c.join_url_key == literal(join_url.key(self.join_url), Text()),
        )
        dimensions = [has_value(name, value) for name in FILTERED if (value := getattr(self, name)) is not None]
        return [*self.limits(), *(one for one in asked if one is not None), *dimensions]


def of_tenants(tenants: Sequence[TenantId] | None, column: ColumnElement[str]) -> list[ColumnElement[bool]]:
    """One tenant is an equality, which an index that begins with it can order by."""
    match tenants:
        case None:
            return []
        case []:
            return [false()]
        case [one]:
            return [column == literal(one, Text())]
    return [column.in_(tenants)]
