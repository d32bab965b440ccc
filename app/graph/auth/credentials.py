"""The four kinds of credential with which an application authenticates at Microsoft's login host."""

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Secret:
    """A client secret: the Value that the portal shows once, not its ID."""

    value: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Certificate:
    """A PEM file with certificate and private key, or a PFX file; `password` where the key is encrypted."""

    path: Path
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class FederatedToken:
    """A file with a token of another issuer. The issuer replaces it from time to time, so it is read at each use."""

    path: Path


@dataclass(frozen=True, slots=True)
class ManagedIdentity:
    """The system-assigned identity of the machine, or with `client_id` a user-assigned one."""

    client_id: str | None = None


Credential = Secret | Certificate | FederatedToken | ManagedIdentity
