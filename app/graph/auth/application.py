"""The msal application: its credential and its HTTP session. Its constructor sends requests: use a thread."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import certifi
import msal
import requests
from requests.adapters import HTTPAdapter

from app.graph.auth import certificates
from app.graph.auth.certificates import contents
from app.graph.auth.credentials import Certificate, Credential, FederatedToken, Secret
from app.graph.clouds import is_microsoft_login

_TIMEOUT = (10.0, 30.0)


def application(authority: str, client_id: str, credential: Credential, ca_file: Path | None, **more: Any) -> Any:
    """A ConfidentialClientApplication of this authority (login host and tenant); ``more`` is msal's."""
    return msal.ConfidentialClientApplication(
        client_id,
        client_credential=_for_msal(credential),
        authority=authority,
        http_client=_session(authority, ca_file),
        # msal would ask login.microsoftonline.com whether it knows a host that is not Microsoft's.
        instance_discovery=None if is_microsoft_login(urlsplit(authority).hostname or "") else False,
        **more,
    )


def secrets(credential: Credential) -> list[str]:
    """Its secret values, which must not appear in a message."""
    match credential:
        case Secret(value=secret) | Certificate(password=str(secret)):
            return [secret]
        case _:
            return []


class DirectSession(requests.Session):
    """A session with timeouts that follows no redirect.

    By default, requests waits without end and sends a secret to the target of a redirect. Connections are not reused,
    because an hour passes between two logins.
    """

    def __init__(self) -> None:
        super().__init__()
        self.headers["Connection"] = "close"
        self.trust_env = False  # or REQUESTS_CA_BUNDLE would win over `verify`, and ~/.netrc be read

    def request(self, *arguments: Any, **options: Any) -> requests.Response:
        return super().request(*arguments, **{**options, "timeout": _TIMEOUT, "allow_redirects": False})


def _session(url: str, ca_file: Path | None) -> requests.Session:
    session = DirectSession()
    session.verify = str(ca_file or certifi.where())
    session.proxies.update(requests.utils.get_environ_proxies(url))
    session.mount("https://", HTTPAdapter(max_retries=1))
    return session


def _for_msal(credential: Credential) -> str | dict[str, Any]:
    match credential:
        case Secret(value=secret):
            return secret
        case FederatedToken(path=path):
            return {"client_assertion": lambda: contents(path).decode().strip()}
        case Certificate(path=path, password=password):
            return certificates.for_msal(path, password)
        case _:
            raise TypeError("a managed identity is not an application credential")
