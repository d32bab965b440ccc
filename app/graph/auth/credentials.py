"""The four ways an application proves itself to Microsoft's login."""

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Secret:
    """A client secret: the Value the portal showed once, not its ID."""

    value: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Certificate:
    """A PEM file with certificate and private key, or a PFX file; `password` where the key is encrypted."""

    path: Path
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class FederatedToken:
    """A file with another issuer's token, which that issuer replaces now and then: read at each use."""

    path: Path


@dataclass(frozen=True, slots=True)
class ManagedIdentity:
    """The identity of the machine itself, or with `client_id` one assigned to it by a user."""

    client_id: str | None = None


Credential = Secret | Certificate | FederatedToken | ManagedIdentity
