"""Client assertions: a JWT signed with the app's certificate, or a federated token that was added as trusted."""

import base64
import hashlib

import jwt
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from app.simulator.login.directory import App

ALGORITHMS = ["PS256", "RS256"]


def proves(assertion: str, app: App, audience: str) -> bool:
    if assertion in app.assertions:
        return True
    try:
        header = jwt.get_unverified_header(assertion)
    except jwt.PyJWTError:
        return False
    return any(signed(assertion, each, app, audience) for each in app.certificates if names(header, each))


def names(header: dict[str, object], certificate: x509.Certificate) -> bool:
    der = certificate.public_bytes(Encoding.DER)
    old = encoded(hashlib.sha1(der).digest())  # noqa: S324 -- x5t is defined with SHA-1
    new = encoded(hashlib.sha256(der).digest())
    # MSAL writes base64 padding, which the standard excludes.
    return str(header.get("x5t")).rstrip("=") == old or str(header.get("x5t#S256")).rstrip("=") == new


def signed(assertion: str, certificate: x509.Certificate, app: App, audience: str) -> bool:
    try:
        claims = jwt.decode(
            assertion,
            certificate.public_key(),  # type: ignore[arg-type] # an unsuitable key type fails the check
            algorithms=ALGORITHMS,
            audience=audience,
            issuer=app.client_id,
            options={"require": ["exp", "aud", "iss", "sub"]},
        )
    except (jwt.PyJWTError, TypeError):
        return False
    return bool(claims["sub"] == app.client_id)


def encoded(digest: bytes) -> str:
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
