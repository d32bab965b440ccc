"""Getting a token through msal, which is synchronous from its constructor on: called only in threads."""

from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import certifi
import msal
import requests
from requests.adapters import HTTPAdapter

from app.graph import certificates
from app.graph.certificates import contents
from app.graph.clouds import is_microsoft_login
from app.graph.credentials import Certificate, Credential, FederatedToken, ManagedIdentity, Secret
from app.graph.login_errors import Rejected, explained

_TIMEOUT = (10.0, 30.0)


class Token(NamedTuple):
    """An access token and the seconds it has left."""

    value: str
    lifetime: float


class Login:
    """One application in one tenant; a second thread waits for the first."""

    def __init__(
        self,
        *,
        tenant_id: str,
        client_id: str,
        credential: Credential,
        login: str,
        graph_root: str,
        ca_file: Path | None,
    ) -> None:
        self._authority = f"{login.rstrip('/')}/{tenant_id}"
        self._client_id = client_id
        self._credential = credential
        self._resource = graph_root.rstrip("/")
        self._ca_file = ca_file
        self._app: Any = None
        self._turn = Lock()  # a caller that is cancelled leaves its thread behind, still logging in

    def token(self, *, fresh: bool) -> Token:
        """A token, never from a cache if `fresh`; LoginFailed says what a person has to do."""
        try:
            with self._turn:
                return _token(self._acquire(fresh=fresh))
        except Exception as error:
            # Whatever msal, requests or cryptography raise means the same to the caller; the next try starts anew,
            # and reads a certificate that was replaced meanwhile.
            self._app = None
            raise explained(error, self._authority, self._secrets()) from error

    def _acquire(self, *, fresh: bool) -> dict[str, Any]:
        if isinstance(self._credential, ManagedIdentity):
            return self._acquire_for_machine(self._credential, fresh=fresh)
        if self._app is None:
            self._app = self._application()
        elif fresh:
            self._app.remove_tokens_for_client()
        answer: dict[str, Any] = self._app.acquire_token_for_client(scopes=[f"{self._resource}/.default"])
        return answer

    def _acquire_for_machine(self, identity: ManagedIdentity, *, fresh: bool) -> dict[str, Any]:
        if self._app is None or fresh:
            self._app = _machine(identity)
        # A managed identity takes the resource itself, without "/.default".
        answer: dict[str, Any] = self._app.acquire_token_for_client(resource=self._resource)
        return answer

    def _application(self) -> Any:
        return msal.ConfidentialClientApplication(
            self._client_id,
            client_credential=_for_msal(self._credential),
            authority=self._authority,
            http_client=_session(self._authority, self._ca_file),
            # msal would ask login.microsoftonline.com whether it knows a host that is not Microsoft's.
            instance_discovery=None if is_microsoft_login(urlsplit(self._authority).hostname or "") else False,
        )

    def _secrets(self) -> list[str]:
        match self._credential:
            case Secret(value=secret) | Certificate(password=str(secret)):
                return [secret]
            case _:
                return []


class _Session(requests.Session):
    # requests waits for ever, and sends a secret on to wherever a redirect points, unless it is told not to.
    # An hour passes between two logins: a connection kept that long is a dead one.

    def __init__(self) -> None:
        super().__init__()
        self.headers["Connection"] = "close"
        self.trust_env = False  # or REQUESTS_CA_BUNDLE would win over `verify`, and ~/.netrc be read

    def request(self, *arguments: Any, **options: Any) -> requests.Response:
        return super().request(*arguments, **{**options, "timeout": _TIMEOUT, "allow_redirects": False})


def _session(url: str, ca_file: Path | None) -> requests.Session:
    session = _Session()
    session.verify = str(ca_file or certifi.where())
    session.proxies.update(requests.utils.get_environ_proxies(url))
    session.mount("https://", HTTPAdapter(max_retries=1))
    return session


def _machine(identity: ManagedIdentity) -> Any:
    which = (
        msal.UserAssignedManagedIdentity(client_id=identity.client_id)
        if identity.client_id
        else msal.SystemAssignedManagedIdentity()
    )
    return msal.ManagedIdentityClient(which, http_client=_Session())  # asked directly, never by proxy


def _for_msal(credential: Credential) -> str | dict[str, Any]:
    match credential:
        case Secret(value=secret):
            return secret
        case FederatedToken(path=path):
            return {"client_assertion": lambda: contents(path).decode().strip()}
        case Certificate(path=path, password=password):
            return certificates.for_msal(path, password)
        case _:
            raise TypeError("a managed identity is no application credential")


def _token(answer: dict[str, Any]) -> Token:
    if isinstance(value := answer.get("access_token"), str) and value:
        return Token(value, float(answer.get("expires_in", 0)))
    raise Rejected(str(answer.get("error", "")), str(answer.get("error_description", "")))
