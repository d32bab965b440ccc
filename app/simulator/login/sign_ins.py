"""Authorization codes, each of which an application can exchange once."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from app.simulator.login.assertions import encoded
from app.simulator.login.directory import Tenant
from app.simulator.login.entra_error import EntraError
from app.simulator.login.people import Person

LIFETIME = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Grant:
    """The data behind an authorization code."""

    person: Person
    client_id: str
    redirect_uri: str
    challenge: str
    nonce: str
    given: datetime


class SignIns:
    def __init__(self) -> None:
        self.open: dict[str, Grant] = {}
        self.redeemed: set[str] = set()
        self.claims: dict[str, Any] = {}  # override claims of every id token, for tests of wrong claims

    def give(self, grant: Grant) -> str:
        code = f"1.{secrets.token_urlsafe(32)}"
        self.open[code] = grant
        return code

    def take(self, form: dict[str, str], tenant: Tenant | None, now: datetime) -> Grant:
        """Redeem the code in this form; without a tenant, of any tenant."""
        code = form.get("code", "")
        if code in self.redeemed:
            raise EntraError("invalid_grant", 54005, "OAuth2 Authorization code was already redeemed.")
        grant = self.open.get(code)
        if grant is None or (tenant and grant.person.tenant_id != tenant.id):
            raise EntraError("invalid_grant", 9002313, "Invalid request. Request is malformed or invalid.")
        check(form, grant, now)
        self.redeemed.add(code)
        return self.open.pop(code)


def check(form: dict[str, str], grant: Grant, now: datetime) -> None:
    if now - grant.given > LIFETIME:
        raise EntraError("invalid_grant", 70008, "The provided authorization code has expired.")
    if form.get("client_id") != grant.client_id:
        raise EntraError("invalid_grant", 700005, "The code is intended to use against another application.")
    if form.get("redirect_uri") != grant.redirect_uri:
        text = "The reply address does not match the reply address provided when requesting Authorization code."
        raise EntraError("invalid_grant", 500112, text)
    if encoded(sha256(form.get("code_verifier", "").encode()).digest()) != grant.challenge:
        text = "The Code_Verifier does not match the code_challenge supplied in the authorization request."
        raise EntraError("invalid_grant", 501481, text)
