"""People's way through the login host and back: the authorization code flow with PKCE, by msal.

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

_ANY_OF_OURS = "organizations"  # whose token it is, is then told by the token


class Begun(NamedTuple):
    """Where the browser goes, what its answer must hold, and what msal wants to see again."""

    url: str
    state: str
    nonce: str
    flow: dict[str, Any]


class SignIn:
    """Synchronous from its first use on: called only in threads. Keeps no token of anybody."""

    def __init__(
        self, *, login: str, tenant_ids: Sequence[str], client_id: str, credential: Credential, ca_file: Path | None
    ) -> None:
        place = tenant_ids[0] if len(tenant_ids) == 1 else _ANY_OF_OURS
        self._authority = f"{login.rstrip('/')}/{place}"
        self._client_id = client_id
        self._credential = credential
        self._ca_file = ca_file
        self._app: Any = None
        self._turn = Lock()

    def begin(self, redirect_uri: str) -> Begun:
        """LoginFailed where the login host cannot be asked where it takes people in."""
        try:
            # select_account: who administers often has two accounts, and the browser would choose by itself.
            flow = self._application().initiate_auth_code_flow(
                [], redirect_uri=redirect_uri, prompt="select_account", response_mode="form_post"
            )
        except Exception as error:
            raise self._failed(error) from error
        # msal wants the answer as a form, which would come without our SameSite cookies. What a form keeps out of
        # the browser's history, the code, is of no use there: it is good once, and with the verifier alone.
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
                    exclude_scopes=["offline_access"],  # who signed in, and nothing on their behalf
                )
            return self._app

    def _failed(self, error: Exception) -> Exception:
        """The next try begins anew, and reads a certificate that was replaced meanwhile; not for a mere wrong code,
        which anybody can send.
        """
        if not isinstance(error, Rejected) or error.error != "invalid_grant":
            self._app = None
        return explained(error, self._authority, secrets(self._credential))


class _Nothing(msal.TokenCache):  # type: ignore[misc] # msal is not typed
    """A cache that keeps nothing: nobody's token is wanted twice."""

    def add(self, *_: Any, **__: Any) -> None: ...


def _id_token(result: Mapping[str, Any]) -> str:
    if isinstance(token := result.get("id_token"), str) and token:
        return token
    raise Rejected(str(result.get("error", "")), str(result.get("error_description", "")))
