"""In which zone a person reads times: the browser's own, unless they chose another."""

from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from fastapi import Request

COOKIE = "callkeeper_zone"
BROWSER = "auto:"  # before the name of the browser's own zone, which app.js keeps in step

UTC = ZoneInfo("UTC")


def of(request: Request) -> ZoneInfo:
    """UTC where the browser has told none, or one that nobody knows."""
    return named(request.cookies.get(COOKIE, "").replace("%2F", "/").removeprefix(BROWSER)) or UTC


def is_browsers(request: Request) -> bool:
    """Whether it is the browser's own."""
    return request.cookies.get(COOKIE, BROWSER).startswith(BROWSER)


def named(name: str) -> ZoneInfo | None:
    return ZoneInfo(name) if name in known() else None


@cache
def known() -> frozenset[str]:
    return frozenset(available_timezones())
