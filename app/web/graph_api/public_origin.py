"""Under which URL a client reached us, because links to the next page must lead it back the same way."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any
from urllib.parse import urlsplit

from starlette.datastructures import Headers

from app.settings.checks import Network

_HOST = re.compile(r"(?:[A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{1,5})?", re.ASCII)
_PREFIX = re.compile(r"(?:/[A-Za-z0-9._~-]+)+", re.ASCII)
_PORTS = {"http": "80", "https": "443"}


@dataclass(frozen=True, slots=True)
class Origins:
    """The proxies whose word counts, and the URL that the operator gave us."""

    proxies: tuple[Network, ...] = ()
    public_url: str | None = None

    def of(self, scope: Mapping[str, Any]) -> str:
        """Scheme, host and prefix of this request, without a slash at the end.

        ``X-Forwarded-*`` count only from a trusted proxy. Without one, the host of PUBLIC_URL means PUBLIC_URL
        itself: TLS ends before us, and its scheme is not in the request.
        """
        headers = Headers(raw=scope["headers"])
        host = _matching(_HOST, headers.get("host")) or _own(scope)
        if self._is_proxy(scope.get("client")):
            return _forwarded(headers, str(scope.get("scheme", "http")), host)
        if self.public_url and urlsplit(self.public_url).netloc.lower() == host.lower():
            return self.public_url.rstrip("/")
        return f"{scope.get('scheme', 'http')}://{host}"

    def is_secure(self, scope: Mapping[str, Any]) -> bool:
        """Whether cookies of this request are for https only: it uses https, or PUBLIC_URL does."""
        return self.is_https or self.of(scope).startswith("https://")

    @property
    def is_https(self) -> bool:
        """Whether PUBLIC_URL is https."""
        return (self.public_url or "").startswith("https://")

    def trusts(self, address: IPv4Address | IPv6Address) -> bool:
        """Whether it is the address of a trusted proxy."""
        mapped = getattr(address, "ipv4_mapped", None)
        return any((mapped or address) in network for network in self.proxies)

    def _is_proxy(self, client: tuple[str, int] | None) -> bool:
        if not client or not self.proxies:
            return False
        try:
            return self.trusts(ip_address(client[0]))
        except ValueError:
            return False  # a socket file, or a test


def _forwarded(headers: Headers, scheme: str, host: str) -> str:
    """As the outermost proxy saw it: each further one adds its own at the end."""
    said = {name: headers.get(f"x-forwarded-{name}", "").split(",")[0].strip() for name in ("proto", "host", "port")}
    scheme = said["proto"].lower() if said["proto"].lower() in _PORTS else scheme
    host = _matching(_HOST, said["host"]) or host
    port = said["port"] if re.fullmatch(r"\d{1,5}", said["port"], re.ASCII) else ""
    if port and not re.search(r":\d+$", host) and port != _PORTS[scheme]:
        host = f"{host}:{port}"
    prefix = _matching(_PREFIX, headers.get("x-forwarded-prefix", "").split(",")[0].strip().rstrip("/"))
    return f"{scheme}://{host}{prefix or ''}"


def _own(scope: Mapping[str, Any]) -> str:
    """Where the request arrived, for a client that sent no usable Host."""
    host, port = scope.get("server") or ("localhost", None)
    name = f"[{host}]" if ":" in host else host
    return f"{name}:{port}" if port else name


def _matching(pattern: re.Pattern[str], value: str | None) -> str | None:
    return value if value and pattern.fullmatch(value) else None
