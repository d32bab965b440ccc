"""Why a connection failed, as one word for each cause, whatever library raised the error. Pure."""

import errno
import socket
import ssl
from collections.abc import Iterator
from typing import Literal
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

Cause = Literal[
    "name", "refused", "timeout", "unreachable", "untrusted", "expired", "wrong_name", "tls", "proxy", "closed"
]

# Error numbers of OpenSSL: https://docs.openssl.org/master/man1/openssl-verification-options/#diagnostics
_CERTIFICATE: dict[int, Cause] = {9: "expired", 10: "expired", 62: "wrong_name", 64: "wrong_name"}
_ERRNO: dict[int, Cause] = {
    errno.ECONNREFUSED: "refused",
    errno.ETIMEDOUT: "timeout",
    errno.EHOSTUNREACH: "unreachable",
    errno.ENETUNREACH: "unreachable",
    errno.ECONNRESET: "closed",
    errno.EPIPE: "closed",
}


def cause(error: BaseException) -> Cause:
    """The first known cause in the chain of the error."""
    return next((found for found in map(_of, chain(error)) if found), "closed")


def chain(error: BaseException) -> Iterator[BaseException]:
    """The error and its causes, outermost first."""
    seen: list[BaseException] = []
    following: BaseException | None = error
    while following is not None and following not in seen:
        seen.append(following)
        yield following
        following = _inner(following) or following.__cause__ or following.__context__


def proxy_of(url: str) -> str | None:
    """The host name of the proxy for this URL, from the environment, without its password; None without a proxy."""
    parts = urlsplit(url)
    if proxy_bypass(parts.hostname or ""):
        return None
    proxies = getproxies()
    proxy = proxies.get(parts.scheme) or proxies.get("all")
    return urlsplit(proxy).hostname if proxy else None


def port_of(url: str) -> int:
    parts = urlsplit(url)
    return parts.port or {"http": 80, "https": 443}[parts.scheme]


def _inner(error: BaseException) -> BaseException | None:
    """The operating system's error, which aiohttp stores in an attribute."""
    return getattr(error, "os_error", None) or getattr(error, "certificate_error", None)


def _of(error: BaseException) -> Cause | None:  # noqa: PLR0911 -- one return for each kind of error
    match error:
        case _ if _inner(error):  # aiohttp's errors have the system's classes, but not their numbers
            return None
        case ssl.SSLCertVerificationError():
            return _CERTIFICATE.get(error.verify_code, "untrusted")
        case ssl.SSLError():
            return "tls"
        case socket.gaierror():
            return "name"
        case TimeoutError():
            return "timeout"
        case _ if "Proxy" in type(error).__name__:
            return "proxy"
        case OSError(errno=int(number)):
            return _ERRNO.get(number)
        case OSError() if "Connect call failed" in str(error):  # several addresses, each with its own error
            return "refused"
    return None
