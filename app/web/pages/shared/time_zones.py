"""The time zone of a request: the browser's, unless the user chose another."""

from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from fastapi import Request

COOKIE = "callkeeper_zone"
BROWSER = "auto:"  # prefix of the browser's zone, which app.js updates

UTC = ZoneInfo("UTC")


def of(request: Request) -> ZoneInfo:
    """UTC where the cookie is missing or its zone is unknown."""
    return named(request.cookies.get(COOKIE, "").replace("%2F", "/").removeprefix(BROWSER)) or UTC


def is_browsers(request: Request) -> bool:
    """Whether it is the browser's zone, not a chosen one."""
    return request.cookies.get(COOKIE, BROWSER).startswith(BROWSER)


def named(name: str) -> ZoneInfo | None:
    return ZoneInfo(name) if name in known() else None


@cache
def known() -> frozenset[str]:
    return frozenset(available_timezones())
