"""The URL of a webhook: what it must be, and how much of it may be shown. Pure."""

from collections.abc import Sequence
from ipaddress import ip_address
from typing import NamedTuple
from urllib.parse import SplitResult, urlsplit

from app.outbound.sending import addresses
from app.outbound.sending.addresses import Network

LONGEST = 2000  # characters
_LOOPBACK_NAMES = ("localhost", "ip6-localhost")


class WebhookRefused(ValueError):
    """Why there can be no such webhook, in one line without its URL."""


class Target(NamedTuple):
    """Where to connect: the host is a name or an address without brackets."""

    host: str
    port: int
    secure: bool


def parsed(url: str, allowed: Sequence[Network]) -> Target:
    """WebhookRefused if the URL is not one to which events may be sent, as far as the URL alone shows."""
    parts = _parts(url)
    host = parts.hostname or ""
    literal = _literal(host)
    if literal and (reason := addresses.refusal(literal, allowed)):
        raise WebhookRefused(reason)
    loopback = host in _LOOPBACK_NAMES or (literal is not None and addresses.is_loopback(literal))
    if parts.scheme != "https" and not (parts.scheme == "http" and loopback):
        raise WebhookRefused("the URL must start with https:// (http only for this machine, listed in WEBHOOK_ALLOW)")
    return Target(host, parts.port or (443 if parts.scheme == "https" else 80), parts.scheme == "https")


def shown(url: str, *, path: bool) -> str:
    """The URL without user, query and fragment, because these may be secrets; without path unless asked for."""
    parts = _parts(url)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    port = f":{parts.port}" if parts.port else ""
    rest = parts.path if path else "/"
    return f"{parts.scheme}://{host}{port}{rest if path and not parts.query else rest.rstrip('/') + '/…'}"


def _parts(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise WebhookRefused("the URL is not valid") from None
    plain = url.isascii() and url.isprintable() and " " not in url and "\\" not in url
    if len(url) > LONGEST or not plain or not parts.hostname or parts.scheme not in ("http", "https") or port == 0:
        raise WebhookRefused("the URL is not valid; write for example https://hooks.example.com/calls")
    if "@" in parts.netloc or parts.fragment:
        raise WebhookRefused("the URL must have no user, password or fragment")
    return parts


def _literal(host: str) -> str | None:
    """The host if it is an IP address. Other notations of one (127.1, 0x7f000001) are names that are resolved."""
    try:
        return str(ip_address(host))
    except ValueError:
        return None
