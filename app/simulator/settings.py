"""Every setting of the simulated Graph, its default and its unit; all can be changed while it runs.

Where reports of Graph's behaviour differ, a setting chooses between them.
"""

from dataclasses import dataclass, field, fields
from typing import Any, Literal, get_args, get_origin

from app.simulator.notices.forms import read_forms

# What Graph does with a `$expand` of two relations: expands both, answers 400, or expands only the first one.
ExpandRelations = Literal["both", "refused", "first"]
# The two messages of a 404 that were seen.
NotFoundText = Literal["documented", "empty"]
# What the network in front of the collector does to each validation request; "none" lets it through.
HandshakeRefusal = Literal["none", "Forbidden", "NotFound", "redirect", "timed out"]


@dataclass(slots=True)
class Settings:
    clock_offset_s: float = 0.0  # how far Graph's clock is ahead of the machine's

    # login
    token_lifetime_s: int = 3599
    roles: list[str] = field(default_factory=lambda: ["CallRecords.Read.All"])
    sign_in_error: int = 0  # with this AADSTS number people are sent back

    # reading
    session_page: int = 60
    participant_page: int = 130
    list_page: int = 60
    segment_page: int = 0  # 0: segments are never paged
    expand_relations: ExpandRelations = "both"
    not_found_text: NotFoundText = "documented"
    retention_days: float = 30.0

    # listing
    list_window: bool = True  # a bound outside of the retention by Graph's clock is a 400
    list_top_allowed: bool = False
    list_page_s: float = 0.0  # how long a page takes
    list_storm_every: int = 0  # after so many List requests …
    list_storm_length: int = 0  # … so many are answered 429
    list_storm_retry_after_s: int = 1

    # limits, per 20 seconds
    throttle: bool = True
    tenant_limit: int = 1500  # per app and tenant
    record_limit: int = 40
    list_limit: int = 40
    subscription_list_limit: int = 25  # per app and tenant
    subscription_list_app_limit: int = 40  # per app, over all tenants
    subscription_limit: int = 500  # reads by id, and writes: each per app and tenant

    # subscriptions
    subscription_quota: int = 100
    subscription_page: int = 50
    longest_subscription_min: float = 4230.0
    shortest_subscription_min: float = 45.0
    validation_timeout_s: float = 10.0
    validate_renewals: bool = False  # a PATCH asks both URLs to echo again, even where none of them changed
    handshake_refusal: HandshakeRefusal = "none"

    # notifications
    notification_forms: str = "documented"  # or mixed, or words as in notices/forms.py: key+encoded+braces
    batch_size: int = 20  # items in one POST
    batch_pause_s: float = 0.02  # how long items are gathered before a POST
    first_timeout_s: float = 3.0
    retry_timeout_s: float = 10.0
    retry_base_s: float = 2.0  # doubled with each try
    retry_longest_s: float = 600.0  # but never longer than this
    retry_for_s: float = 4 * 3600.0
    verify_notification_tls: bool = False

    def change(self, values: dict[str, Any]) -> None:
        """All or nothing: an unknown name or an unsuitable value raises ValueError."""
        known = {each.name: each for each in fields(self)}
        for name, value in values.items():
            if name not in known:
                raise ValueError(f"no such setting: {name}; there are {', '.join(known)}")
            check(name, value, known[name].type, getattr(self, name))
        for name, value in values.items():
            setattr(self, name, value)


def check(name: str, value: object, kind: Any, current: object) -> None:
    if name == "notification_forms":
        read_forms(str(value))
    if get_origin(kind) is Literal:
        if value not in get_args(kind):
            raise ValueError(f"{name} is one of {', '.join(get_args(kind))}, not {value!r}")
    elif not has_type_of(value, current):
        raise ValueError(f"{name} is like {current!r}, not {value!r}")


def has_type_of(value: object, other: object) -> bool:
    if isinstance(other, float):
        return isinstance(value, int | float) and not isinstance(value, bool)
    return type(value) is type(other)
