"""Of whom an audited request was: a keyed hash, from which no name or id can be read."""

import hmac

SECRET = "audit"  # noqa: S105 -- its name


def digest(secret: bytes, normal: str) -> bytes:
    """Of the normal form of an id, address or number; equal texts have equal digests in one database only."""
    return hmac.digest(secret, normal.encode("utf-8", "surrogatepass"), "sha256")
