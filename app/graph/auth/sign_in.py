"""Users' sign-in at the login host: the authorization code flow with PKCE, by msal.

https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

import msal

from app.graph.auth.application import application, secrets
from app.graph.auth.credentials import Credential
from app.graph.auth.login_errors import Rejected, explained
from app.ids import TenantId

_ANY_TENANT = "organizations"  # the token then says which tenant it belongs to


class Begun(NamedTuple):
    """The URL for the browser, the state and nonce of the answer, and the flow that msal needs to finish."""

    url: str
    state: str
    nonce: str
    flow: dict[str, Any]


class SignIn:
    """Synchronous: call it only in threads. It stores no token of a user."""

    def __init__(
        self,
        *,
        login: str,
        tenant_ids: Sequence[TenantId],
        client_id: str,
        credential: Credential,
        ca_file: Path | None,
    ) -> None:
        tenant = tenant_ids[0] if len(tenant_ids) == 1 else _ANY_TENANT
        self._authority = f"{login.rstrip('/')}/{tenant}"
        self._client_id = client_id
        self._credential = credential
        self._ca_file = ca_file
        self._app: Any = None
        self._turn = Lock()

    def begin(self, redirect_uri: str) -> Begun:
        """LoginFailed where the login host does not answer with its sign-in address."""
        try:
            # select_account: administrators often have two accounts, and the browser would choose one automatically.
            flow = self._application().initiate_auth_code_flow(
                [], redirect_uri=redirect_uri, prompt="select_account", response_mode="form_post"
            )
        except Exception as error:
            raise self._failed(error) from error
        # msal expects the answer as a form, which would arrive without our SameSite cookies. A query leaves the code in
        # the browser's history, where it is useless: it is valid once, and only with the verifier.
        url = flow.pop("auth_uri").replace("response_mode=form_post", "response_mode=query")
        return Begun(url, flow["state"], parse_qs(urlsplit(url).query)["nonce"][0], flow)

    def finish(self, flow: Mapping[str, Any], answer: Mapping[str, str]) -> str:
        """The id token, not yet checked, for the code in the answer; LoginFailed says why there is none."""
        try:
            result = self._application().acquire_token_by_auth_code_flow(dict(flow), dict(answer))
            return _id_token(result)
        except Exception as error:
            raise self._failed(error) from error

    def _application(self) -> Any:
        with self._turn:
            if self._app is None:
                self._app = application(
                    self._authority,
                    self._client_id,
                    self._credential,
                    self._ca_file,
                    token_cache=_Nothing(),
                    exclude_scopes=["offline_access"],  # only the identity of the user, no access on their behalf
                )
            return self._app

    def _failed(self, error: Exception) -> Exception:
        """The next attempt creates a new application and reads a certificate that was replaced meanwhile. A wrong code,
        which anybody can send, does not cause that.
        """
        if not isinstance(error, Rejected) or error.error != "invalid_grant":
            self._app = None
        return explained(error, self._authority, secrets(self._credential))


class _Nothing(msal.TokenCache):  # type: ignore[misc] # msal is not typed
    """A cache that stores nothing: no token of a user is used twice."""

    def add(self, *_: Any, **__: Any) -> None: ...


def _id_token(result: Mapping[str, Any]) -> str:
    if isinstance(token := result.get("id_token"), str) and token:
        return token
    raise Rejected(str(result.get("error", "")), str(result.get("error_description", "")))
