"""Every knob of the simulated Graph, its default and its unit; all can be turned while it runs."""

from dataclasses import dataclass, field, fields
from typing import Any


@dataclass(slots=True)
class Settings:
    clock_offset_s: float = 0.0  # how far the world's clock is ahead of ours

    # login
    token_lifetime_s: int = 3599
    roles: list[str] = field(default_factory=lambda: ["CallRecords.Read.All"])
    sign_in_error: int = 0  # with this AADSTS number people are sent back

    # reading
    session_page: int = 60
    participant_page: int = 130
    list_page: int = 60
    segment_page: int = 0  # 0: segments are never paged
    combined_expand: bool = True  # False: sessions and participants_v2 together are a 400
    retention_days: float = 30.0

    # limits, per 20 seconds
    throttle: bool = True
    tenant_limit: int = 1500  # per app and tenant
    record_limit: int = 40
    list_limit: int = 40

    # subscriptions
    subscription_quota: int = 100
    subscription_page: int = 50
    longest_subscription_min: float = 4230.0
    shortest_subscription_min: float = 45.0
    validation_timeout_s: float = 10.0

    # notifications
    batch_size: int = 20  # items in one POST
    batch_pause_s: float = 0.02  # how long items are gathered before a POST
    first_timeout_s: float = 3.0
    retry_timeout_s: float = 10.0
    retry_base_s: float = 2.0  # doubled with each try
    retry_longest_s: float = 600.0  # but never longer than this
    retry_for_s: float = 4 * 3600.0
    verify_notification_tls: bool = False

    def change(self, values: dict[str, Any]) -> None:
        """All or nothing: an unknown name or a value of another type raises ValueError."""
        known = {each.name: getattr(self, each.name) for each in fields(self)}
        for name, value in values.items():
            if name not in known:
                raise ValueError(f"no such setting: {name}; there are {', '.join(known)}")
            if not fits(value, known[name]):
                raise ValueError(f"{name} is like {known[name]!r}, not {value!r}")
        for name, value in values.items():
            setattr(self, name, value)


def fits(value: object, like: object) -> bool:
    if isinstance(like, float):
        return isinstance(value, int | float) and not isinstance(value, bool)
    return type(value) is type(like)
