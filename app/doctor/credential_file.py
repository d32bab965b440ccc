"""Can the credential be used at all? A look at its file, before anybody is asked."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import jwt
from cryptography import x509

from app.doctor.finding import Check, failed, ok, warning
from app.graph.auth import certificates
from app.graph.auth.credentials import Certificate, Credential, FederatedToken, Secret
from app.graph.errors import LoginFailed

NAME = "credential"
SOON = timedelta(days=30)


def check(credential: Credential, now: datetime) -> Check:
    try:
        match credential:
            case Secret(value=value):
                return secret(value)
            case Certificate(path=path, password=password):
                return certificate(path, certificates.certificate(path, password), now)
            case FederatedToken(path=path):
                return federated(path, certificates.contents(path).decode("ascii", "replace").strip(), now)
            case _:
                return ok(NAME, "the identity that Azure gives this machine")
    except (LoginFailed, ValueError) as error:
        found, _, remedy = str(error).partition("; ")
        return failed(NAME, found, remedy or "check the file")


def secret(value: str) -> Check:
    """When it ends, Entra alone knows."""
    try:
        UUID(value)
    except ValueError:
        return ok(NAME, "a client secret; when it expires, only Entra tells")
    found = "AZURE_CLIENT_SECRET looks like the secret's ID"
    return warning(NAME, found, "set it to the secret's Value, which the portal shows only once")


def certificate(path: Path, found: x509.Certificate, now: datetime) -> Check:
    """Out of date, or good; dates in UTC."""
    begins, ends = found.not_valid_before_utc, found.not_valid_after_utc
    renew = "upload a new certificate to the app registration, then put it with its key into that file"
    if ends <= now:
        return failed(NAME, f"the certificate in {path} expired on {ends:%Y-%m-%d}", renew)
    if begins > now:
        text = f"the certificate in {path} is valid only from {begins:%Y-%m-%d %H:%M} UTC on"
        return failed(NAME, text, "check this machine's clock, or use a certificate that is valid already")
    if ends - now < SOON:
        return warning(NAME, f"the certificate in {path} expires in {(ends - now).days} days", renew)
    return ok(NAME, f"the certificate in {path}, valid until {ends:%Y-%m-%d}")


def federated(path: Path, token: str, now: datetime) -> Check:
    try:
        claims = jwt.decode(token, options={"verify_signature": False})
        expires = datetime.fromtimestamp(float(claims["exp"]), UTC)
    except (jwt.PyJWTError, KeyError, TypeError, ValueError, OverflowError):
        return failed(NAME, f"{path} holds no token", "name the file that the platform projects (a JWT)")
    if expires <= now:
        found = f"the token in {path} ended at {expires:%Y-%m-%d %H:%M} UTC and was not replaced"
        return failed(NAME, found, "see to it that the platform renews the file (workload identity webhook, volume)")
    return ok(NAME, f"a federated token in {path}, valid until {expires:%Y-%m-%d %H:%M} UTC")
