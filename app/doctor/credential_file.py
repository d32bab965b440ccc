"""Checks the credential itself, before it is used for a login."""

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
                return ok(NAME, "managed identity of this machine")
    except (LoginFailed, ValueError) as error:
        found, _, remedy = str(error).partition("; ")
        return failed(NAME, found, remedy or "check the file")


def secret(value: str) -> Check:
    """Only Entra knows when a client secret expires."""
    try:
        UUID(value)
    except ValueError:
        return ok(NAME, "client secret set; check its expiry date in Entra")
    found = "AZURE_CLIENT_SECRET looks like the ID of a secret"
    return warning(NAME, found, "set it to the Value of the secret, which the portal shows only once")


def certificate(path: Path, found: x509.Certificate, now: datetime) -> Check:
    """Whether the certificate is valid now; dates in UTC."""
    begins, ends = found.not_valid_before_utc, found.not_valid_after_utc
    renew = "upload a new certificate to the app registration, then save it with its private key in that file"
    if ends <= now:
        return failed(NAME, f"the certificate in {path} expired on {ends:%Y-%m-%d}", renew)
    if begins > now:
        text = f"the certificate in {path} is not valid before {begins:%Y-%m-%d %H:%M} UTC"
        return failed(NAME, text, "check this machine's clock, or use a certificate that is already valid")
    if ends - now < SOON:
        return warning(NAME, f"the certificate in {path} expires in {(ends - now).days} days", renew)
    return ok(NAME, f"certificate in {path}, valid until {ends:%Y-%m-%d}")


def federated(path: Path, token: str, now: datetime) -> Check:
    try:
        claims = jwt.decode(token, options={"verify_signature": False})
        expires = datetime.fromtimestamp(float(claims["exp"]), UTC)
    except (jwt.PyJWTError, KeyError, TypeError, ValueError, OverflowError):
        return failed(NAME, f"{path} contains no token", "set the path of the token file of the platform (a JWT)")
    if expires <= now:
        found = f"the token in {path} expired at {expires:%Y-%m-%d %H:%M} UTC and was not replaced"
        return failed(NAME, found, "check that the platform renews the file (workload identity webhook, volume)")
    return ok(NAME, f"federated token in {path}, valid until {expires:%Y-%m-%d %H:%M} UTC")
