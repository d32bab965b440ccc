"""Access tokens: RS256 JWTs signed with a key of this process, and Graph's check of them."""

import base64
import hashlib
import time
import uuid
from dataclasses import dataclass
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from app.simulator.errors import unauthorized

GRAPH_ROOTS = {
    "https://graph.microsoft.com",
    "https://graph.microsoft.us",
    "https://dod-graph.microsoft.us",
    "https://microsoftgraph.chinacloudapi.cn",
}


@dataclass(frozen=True, slots=True)
class Caller:
    tenant_id: str
    client_id: str
    roles: tuple[str, ...]
    expires: float


class Mint:
    """Issues and verifies tokens; `ahead` is the world's clock offset in seconds."""

    def __init__(self, key: rsa.RSAPrivateKey | None = None) -> None:
        self.key = key or rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.audiences = set(GRAPH_ROOTS)
        self.revoked_before = 0
        self.issued = 0
        self.seen: dict[str, Caller] = {}  # verified tokens: a signature check for each request is too slow

    @property
    def key_id(self) -> str:
        return thumbprint(number(self.key.public_key().public_numbers().n))

    def jwks(self) -> dict[str, Any]:
        public = self.key.public_key().public_numbers()
        key = {"kty": "RSA", "use": "sig", "kid": self.key_id, "n": number(public.n), "e": number(public.e)}
        return {"keys": [{**key, "alg": "RS256"}]}

    def issue(
        self,
        *,
        tenant_id: str,
        client_id: str,
        audience: str,
        issuer: str,
        roles: list[str],
        lifetime: int,
        ahead: float,
    ) -> str:
        now = int(time.time() + ahead)
        self.issued += 1
        claims = {
            "aud": audience,
            "iss": issuer,
            "iat": now,
            "nbf": now,
            "exp": now + lifetime,
            "tid": tenant_id,
            "appid": client_id,
            "azp": client_id,
            "idtyp": "app",
            "roles": roles,
            "ver": "1.0",
            "uti": uuid.uuid4().hex,
            "serial": self.issued,
        }
        return jwt.encode(claims, self.key, algorithm="RS256", headers={"kid": self.key_id})

    def issue_id_token(self, claims: dict[str, Any], *, lifetime: int, ahead: float) -> str:
        """An id token for the application; Graph does not accept it."""
        now = int(time.time() + ahead)
        times = {"iat": now, "nbf": now, "exp": now + lifetime}
        return jwt.encode(times | claims, self.key, algorithm="RS256", headers={"kid": self.key_id})

    def revoke_all(self) -> None:
        self.revoked_before = self.issued + 1
        self.seen.clear()

    def check(self, authorization: str | None, ahead: float) -> Caller:
        """The caller of a valid bearer token; GraphError 401 otherwise."""
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise unauthorized("Access token is empty.")
        caller = self.seen.get(token) or self.verify(token)
        if caller.expires <= time.time() + ahead:
            raise unauthorized("Lifetime validation failed, the token is expired.")
        self.seen[token] = caller
        return caller

    def verify(self, token: str) -> Caller:
        options: Any = {"verify_exp": False, "verify_nbf": False, "verify_iat": False}
        try:
            claims = jwt.decode(
                token, self.key.public_key(), algorithms=["RS256"], audience=list(self.audiences), options=options
            )
        except jwt.InvalidAudienceError as error:
            raise unauthorized("Access token validation failure. Invalid audience.") from error
        except jwt.PyJWTError as error:
            raise unauthorized("IDX14100: JWT is not well formed or its signature is not valid.") from error
        if claims["serial"] < self.revoked_before:
            raise unauthorized("Continuous access evaluation: the token has been revoked.")
        return Caller(claims["tid"], claims["appid"], tuple(claims["roles"]), float(claims["exp"]))


def number(value: int) -> str:
    raw = value.to_bytes((value.bit_length() + 7) // 8, "big")
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def thumbprint(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
