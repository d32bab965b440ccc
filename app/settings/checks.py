"""Checks of GUIDs, addresses and URLs in settings. Pure; each error says what is wrong."""

import re
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any
from urllib.parse import SplitResult, parse_qs, quote, urlsplit

from app import ids

NIL = "00000000-0000-0000-0000-000000000000"
Network = IPv4Network | IPv6Network

_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


def guid(value: object) -> str:
    """A GUID in its normal form."""
    if (found := ids.guid(str(value))) is None:
        raise ValueError("is not a GUID")
    if found == NIL:
        raise ValueError("is the GUID of the example; use that of your tenant or application")
    return found


def audience(value: str) -> tuple[str, ...]:
    """Both forms of an audience: Entra writes the application id into v2 tokens and its URI into v1 tokens."""
    if re.search(r"\s", value):
        raise ValueError("is neither an application id nor an application id URI")
    client_id = ids.guid(value.removeprefix("api://"))
    return (client_id, f"api://{client_id}") if client_id else (value,)


def network(value: Any) -> Network:
    """An IP address or network."""
    try:
        return ip_network(str(value).strip())
    except ValueError:
        raise ValueError(f"{str(value)[:50]!r} is neither an IP address nor a network") from None


def url(value: str) -> str:
    """The root URL of a service, without a trailing slash; plain http only for a loopback host."""
    parts = _split(value.strip())
    if parts is None or not parts.hostname or parts.query or parts.fragment or "@" in parts.netloc:
        raise ValueError("is not a plain URL such as https://host or https://host:8443")
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        raise ValueError("must start with https:// (plain http only for localhost, 127.0.0.1 or [::1])")
    return value.strip().rstrip("/")


def database_url(value: str) -> None:
    """Raises ValueError if this is not the URL of a database; the message never quotes the value (a password)."""
    if value.startswith("sqlite:///"):
        if value.removeprefix("sqlite:///").split("?")[0] in {"", ":memory:"}:
            raise ValueError("names no file; SQLite in memory would lose every notification at a restart")
        return
    if not re.match(r"postgres(ql)?://.", value):
        raise ValueError("is neither sqlite:///FILE nor postgresql://user:password@host/db")
    if _split(value) is None:
        raise ValueError("is not a valid URL; write @ : / ? # in a password as %40 %3A %2F %3F %23")


def with_same_password(url: str, password: str) -> str:
    """The same for the URL of a replica, which may have a password of its own."""
    parts = _split(url)
    if parts is None or parts.password is not None or "password" in parse_qs(parts.query) or url.startswith("sqlite:"):
        return url
    return with_password(url, password)


def with_password(url: str, password: str) -> str:
    """Add the password to a PostgreSQL URL without one; an invalid URL is returned unchanged."""
    example = "(for example DATABASE_URL=postgresql://user@host/db)"
    if not url or url.startswith("sqlite:"):
        raise ValueError(f"DATABASE_PASSWORD: is for PostgreSQL, but DATABASE_URL is a SQLite file {example}")
    parts = _split(url)
    if parts is None or not parts.scheme:
        return url
    if parts.password is not None or "password" in parse_qs(parts.query):
        raise ValueError(
            f"DATABASE_PASSWORD: DATABASE_URL contains a password as well; remove one of the two {example}"
        )
    written = quote(password, safe="")
    if not parts.username:  # a socket: the user is in the query or is the system user
        return f"{url}{'&' if parts.query else '?'}password={written}"
    user, at, host = parts.netloc.rpartition("@")
    return url.replace(f"//{user}{at}{host}", f"//{user}:{written}@{host}", 1)


def _split(value: str) -> SplitResult | None:
    """The parts of a URL, None if it is invalid. Errors of urllib are dropped, because they quote the password."""
    try:
        parts = urlsplit(value)
        _ = parts.port
    except ValueError:
        return None
    return None if re.search(r"[\s\x00-\x1f]", value) else parts
