"""Why a login returned no token, in one sentence that says what to do and contains no secret; pure."""

import re
from collections.abc import Iterable
from urllib.parse import quote_plus, urlsplit

import requests

from app.graph.errors import LoginFailed

_CODE = re.compile(r"AADSTS\d+")
# https://learn.microsoft.com/entra/identity-platform/reference-error-codes
REMEDIES = {
    "AADSTS7000215": "use the client secret's Value, not its ID, and check that it belongs to this application",
    "AADSTS7000222": "the client secret has expired; create a new one",
    "AADSTS7000216": "a credential is missing; give a secret, a certificate or a federated token",
    "AADSTS7000218": "a credential is missing; give a secret, a certificate or a federated token",
    "AADSTS700016": "check the client id, and that the application is in this tenant",
    "AADSTS7000229": "the application has no service principal in this tenant; grant admin consent there",
    "AADSTS7000112": "the application is disabled in this tenant",
    "AADSTS700027": "upload this certificate to the application, and check that it has not expired",
    "AADSTS70021": "add a federated credential with this issuer, subject and audience to the application",
    "AADSTS700213": "add a federated credential with this issuer, subject and audience to the application",
    "AADSTS700024": "the federated token or the assertion is out of date; check this machine's clock",
    "AADSTS90002": "check AZURE_TENANT_ID and GRAPH_CLOUD",
    "AADSTS900023": "check the tenant id",
    "AADSTS500011": "check GRAPH_CLOUD: this tenant does not know that cloud's Microsoft Graph",
    "AADSTS53003": "a conditional access policy blocks this application",
}


class Rejected(Exception):
    """The login host answered without a token."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(error, description)
        self.error = error
        self.description = description


def explained(error: Exception, authority: str, secrets: Iterable[str]) -> LoginFailed:
    """The sentence for an exception of the login."""
    host = urlsplit(authority).netloc
    match error:
        case LoginFailed():
            return error
        case Rejected():
            return _rejected(error, secrets)
        case requests.exceptions.SSLError():
            return LoginFailed(f"the certificate of {host} is not trusted; set SSL_CERT_FILE to its authority")
        case requests.exceptions.ProxyError():
            return LoginFailed(f"{host} could not be reached through the proxy; check HTTPS_PROXY and NO_PROXY")
        case requests.exceptions.RequestException():
            return LoginFailed(f"{host} could not be reached ({type(error).__name__}); check network and proxy")
        case _:
            return LoginFailed(f"the login failed: {_without(secrets, str(error)) or type(error).__name__}")


def _rejected(rejected: Rejected, secrets: Iterable[str]) -> LoginFailed:
    found = _CODE.search(rejected.description)
    code = found[0] if found else rejected.error or None
    description = _without(secrets, rejected.description or rejected.error or "no reason given")
    remedy = REMEDIES.get(code or "", "")
    failure = LoginFailed(f"the login was refused: {description}" + (f"; {remedy}" if remedy else ""), code=code)
    failure.reason = description
    return failure


def _without(secrets: Iterable[str], text: str) -> str:
    text = " ".join(text.split(" Trace ID:", maxsplit=1)[0].split())
    for secret in secrets:
        for form in (secret, quote_plus(secret), repr(secret)[1:-1]):
            text = text.replace(form, "…") if form else text
    return text[:300].rstrip(". ")
