"""The simulated login with an application of ours in it, and tokens right and wrong."""

import base64
import json
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from app.access.access_tokens import AccessTokens
from app.access.signing_keys import SigningKeys
from app.simulator.login.tokens import Mint
from app.simulator.server import start
from app.simulator.world import World

AUDIENCE = "api://callkeeper"
PERSON = "00000000-0000-4000-8000-0000000000ad"
STRANGE_TENANT = "00000000-0000-4000-8000-00000000cccc"


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


class Entra:
    def __init__(self, running, ca_file):
        self.running = running
        self.world = running.world
        self.tenant = self.world.tenant_id
        self.application = self.world.client_id
        self.clock = Clock()
        self.keys = SigningKeys(running.url, ca_file, clock=self.clock)
        self.tokens = AccessTokens(running.url, [self.tenant], [AUDIENCE], self.keys)
        self.issuer = f"{running.url}/{self.tenant}/v2.0"

    def claims(self, **changes):
        """Those of a token that the login just issued; None takes one away."""
        self.world.change_settings({"roles": ["CallRecords.Read"]})
        issued = self.world.issue_token(self.tenant, self.application, AUDIENCE, self.issuer)
        claims = jwt.decode(issued, options={"verify_signature": False}) | changes
        return {name: value for name, value in claims.items() if value is not None}

    def token(self, *, key=None, algorithm="RS256", header=None, **changes):
        mint = self.world.mint
        headers = {"kid": mint.key_id} | (header or {})
        return jwt.encode(self.claims(**changes), key or mint.key, algorithm=algorithm, headers=headers)

    def rotate(self):
        """From now on the login signs with another key, and publishes it alone."""
        self.world.mint.key = another_key()

    def fetches(self):
        return sum(count for route, count in self.world.journal.routes.items() if "discovery" in route)


@asynccontextmanager
async def entra(ca_file, key):
    running = await start(ca_file=ca_file, world=World(key=key))
    try:
        yield Entra(running, ca_file)
    finally:
        await running.stop()


def another_key():
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def by_hand(header, claims, signature=b""):
    """A token that no library would make."""
    return ".".join(map(_part, (json.dumps(header).encode(), json.dumps(claims).encode(), signature)))


def _part(raw):
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def tampered(token, **changes):
    """The payload changed, header and signature as they were."""
    header, payload, signature = token.split(".")
    claims = json.loads(base64.urlsafe_b64decode(payload + "==")) | changes
    return f"{header}.{_part(json.dumps(claims).encode())}.{signature}"


def seconds_from_now(seconds):
    return int(datetime.now(UTC).timestamp()) + seconds


def thumbprint(key):
    return Mint(key).key_id
