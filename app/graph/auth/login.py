"""Requests a token through msal, which is synchronous including its constructor: call it only in threads."""

from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple

import msal

from app.graph.auth.application import DirectSession, application, secrets
from app.graph.auth.credentials import Credential, ManagedIdentity
from app.graph.auth.login_errors import Rejected, explained
from app.ids import TenantId


class Token(NamedTuple):
    """An access token and the seconds until it expires."""

    value: str
    lifetime: float


class Login:
    """One application in one tenant; a second thread waits for the first."""

    def __init__(
        self,
        *,
        tenant_id: TenantId,
        client_id: str,
        credential: Credential,
        login: str,
        graph_root: str,
        ca_file: Path | None,
    ) -> None:
        self._authority = f"{login.rstrip('/')}/{tenant_id}"
        self._client_id = client_id
        self._credential = credential
        self.graph_root = graph_root.rstrip("/")
        self._ca_file = ca_file
        self._app: Any = None
        self._turn = Lock()  # a caller that is cancelled leaves its thread behind, still logging in

    def token(self, *, fresh: bool) -> Token:
        """A token, never from a cache if `fresh`; LoginFailed says what an administrator has to do."""
        try:
            with self._turn:
                return _token(self._acquire(fresh=fresh))
        except Exception as error:
            # Exceptions of msal, requests and cryptography mean the same to the caller. The next attempt creates a new
            # application and reads a certificate that was replaced meanwhile.
            self._app = None
            raise explained(error, self._authority, secrets(self._credential)) from error

    def _acquire(self, *, fresh: bool) -> dict[str, Any]:
        if isinstance(self._credential, ManagedIdentity):
            return self._acquire_for_machine(self._credential, fresh=fresh)
        if self._app is None:
            self._app = application(self._authority, self._client_id, self._credential, self._ca_file)
        elif fresh:
            self._app.remove_tokens_for_client()
        answer: dict[str, Any] = self._app.acquire_token_for_client(scopes=[f"{self.graph_root}/.default"])
        return answer

    def _acquire_for_machine(self, identity: ManagedIdentity, *, fresh: bool) -> dict[str, Any]:
        if self._app is None or fresh:
            self._app = _machine(identity)
        # A managed identity takes the resource itself, without "/.default".
        answer: dict[str, Any] = self._app.acquire_token_for_client(resource=self.graph_root)
        return answer


def _machine(identity: ManagedIdentity) -> Any:
    which = (
        msal.UserAssignedManagedIdentity(client_id=identity.client_id)
        if identity.client_id
        else msal.SystemAssignedManagedIdentity()
    )
    return msal.ManagedIdentityClient(which, http_client=DirectSession())  # without a proxy


def _token(answer: dict[str, Any]) -> Token:
    if isinstance(value := answer.get("access_token"), str) and value:
        return Token(value, float(answer.get("expires_in", 0)))
    raise Rejected(str(answer.get("error", "")), str(answer.get("error_description", "")))
