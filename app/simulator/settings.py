"""Every setting of the simulated Graph, its default and its unit; all can be changed while the simulator runs.

Where reports of Graph's behaviour differ, a setting chooses one; the default is the strictest behaviour.
"""

from dataclasses import dataclass, field, fields
from typing import Any, Literal, get_args, get_origin

from app.simulator.notifications.forms import read_forms

# Answers to a `$expand` of two relations: both are expanded, 400, or only the first is expanded.
ExpandRelations = Literal["both", "refused", "first"]
# The two messages of a 404 that were observed.
NotFoundText = Literal["documented", "empty"]
# The answer of the network in front of the collector to validation requests; "none" passes them on.
HandshakeRefusal = Literal["none", "Forbidden", "NotFound", "redirect", "timed out"]


@dataclass(slots=True)
class Settings:
    clock_offset_s: float = 0.0  # how far Graph's clock is ahead of the machine's

    # login
    token_lifetime_s: int = 3599
    roles: list[str] = field(default_factory=lambda: ["CallRecords.Read.All"])
    sign_in_error: int = 0  # every sign-in fails with this AADSTS number

    # reading
    session_page: int = 60
    participant_page: int = 130
    list_page: int = 60
    segment_page: int = 0  # 0: segments are never paged
    expand_relations: ExpandRelations = "first"
    not_found_text: NotFoundText = "documented"
    retention_days: float = 30.0

    # listing
    list_window: bool = True  # a time bound outside of the retention is answered 400
    list_top_allowed: bool = False
    list_page_s: float = 0.0  # duration of one page
    list_storm_every: int = 0  # after so many List requests …
    list_storm_length: int = 0  # … so many are answered 429
    list_storm_retry_after_s: int = 1

    # logs of telephone calls
    log_page: int = 1000
    logs_permitted: bool = True
    log_range_days: float = 90.0  # a longer range is answered 406
    log_window: bool = True  # an end in the future is answered 400
    log_old_links: bool = True  # links of the Direct Routing log have the name @odata.NextLink
    log_limit: int = 50  # requests to each log in 60 seconds

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
    validate_renewals: bool = True  # every PATCH validates both URLs again
    handshake_refusal: HandshakeRefusal = "none"

    # notifications
    notification_forms: str = "mixed"  # or documented, or words as in notices/forms.py: key+encoded+braces
    batch_size: int = 20  # items in one POST
    batch_pause_s: float = 0.02  # delay before a POST, in which items are collected
    first_timeout_s: float = 3.0
    retry_timeout_s: float = 10.0
    retry_base_s: float = 2.0  # doubled with each retry
    retry_longest_s: float = 600.0  # upper limit of the pause
    retry_for_s: float = 4 * 3600.0
    verify_notification_tls: bool = False

    def change(self, values: dict[str, Any]) -> None:
        """Change all or none; ValueError for an unknown name or an unsuitable value."""
        known = {each.name: each for each in fields(self)}
        for name, value in values.items():
            if name not in known:
                raise ValueError(f"unknown setting: {name}; the settings are {', '.join(known)}")
            check(name, value, known[name].type, getattr(self, name))
        for name, value in values.items():
            setattr(self, name, value)


def check(name: str, value: object, kind: Any, current: object) -> None:
    if name == "notification_forms":
        read_forms(str(value))
    if get_origin(kind) is Literal:
        if value not in get_args(kind):
            raise ValueError(f"{name} must be one of {', '.join(get_args(kind))}, not {value!r}")
    elif not has_type_of(value, current):
        raise ValueError(f"{name} must have the type of {current!r}, not {value!r}")


def has_type_of(value: object, other: object) -> bool:
    if isinstance(other, float):
        return isinstance(value, int | float) and not isinstance(value, bool)
    return type(value) is type(other)
