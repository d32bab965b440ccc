"""Reads credentials from files, checks them and converts them for msal."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.graph.errors import LoginFailed

if TYPE_CHECKING:
    # It costs a process 7 MB: imported only where the credential is a certificate.
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

_PEM = re.compile(r"-----BEGIN ([A-Z0-9 ]+)-----.*?-----END \1-----", re.DOTALL)


def for_msal(path: Path, password: str | None) -> dict[str, Any]:
    """A certificate with its private key, from a PEM or a PFX file; LoginFailed says what is wrong with the file."""
    return _read(path, password)[0]


def certificate(path: Path, password: str | None) -> "x509.Certificate":
    """The certificate that is sent to Entra; LoginFailed likewise."""
    return _read(path, password)[1]


def _read(path: Path, password: str | None) -> "tuple[dict[str, Any], x509.Certificate]":
    content = contents(path)
    try:
        return _pem(path, content, password) if b"-----BEGIN" in content else _pfx(path, content, password)
    except (ValueError, TypeError) as error:
        raise LoginFailed(f"{path} cannot be used ({error}); check the file and its password") from error


def contents(path: Path) -> bytes:
    """The bytes of a credential file; LoginFailed if it is missing or empty."""
    try:
        content = path.read_bytes()
    except OSError as error:
        why = error.strerror or type(error).__name__
        remedy = "check the path, and that this user can read the file"
        raise LoginFailed(f"{path} cannot be read ({why}); {remedy}") from error
    if not content.strip():
        raise LoginFailed(f"{path} is empty; write the credential into it")
    return content


def _pem(path: Path, content: bytes, password: str | None) -> "tuple[dict[str, Any], x509.Certificate]":
    from cryptography import x509  # noqa: PLC0415 -- see above
    from cryptography.hazmat.primitives.serialization import load_pem_private_key  # noqa: PLC0415 -- likewise

    blocks = [(found[1], found[0]) for found in _PEM.finditer(content.decode("ascii", "replace"))]
    key = next((text for label, text in blocks if label.endswith("PRIVATE KEY")), None)
    certificates = [text for label, text in blocks if label == "CERTIFICATE"]
    if key is None or not certificates:
        raise _half(path, "private key" if key is None else "certificate")
    needed = password if "ENCRYPTED" in key else None  # a password for an open key is an error to cryptography
    _check(path, load_pem_private_key(key.encode(), needed.encode() if needed else None))
    given = {"private_key": key, "public_certificate": "\n".join(certificates), "passphrase": needed}
    return given, x509.load_pem_x509_certificate(certificates[0].encode())


def _pfx(path: Path, content: bytes, password: str | None) -> "tuple[dict[str, Any], x509.Certificate]":
    from cryptography.hazmat.primitives.serialization import pkcs12  # noqa: PLC0415 -- see above

    key, certificate, _ = pkcs12.load_key_and_certificates(content, password.encode() if password else None)
    if key is None or certificate is None:
        raise _half(path, "private key" if key is None else "certificate")
    _check(path, key)
    return {"private_key_pfx_path": str(path), "passphrase": password, "public_certificate": True}, certificate


def _half(path: Path, missing: str) -> LoginFailed:
    return LoginFailed(f"{path} contains no {missing}; put the certificate and its private key into this one file")


def _check(path: Path, key: "PrivateKeyTypes") -> None:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey  # noqa: PLC0415 -- see above

    if not isinstance(key, RSAPrivateKey):
        remedy = "create a certificate with an RSA key and upload it to the app registration"
        raise LoginFailed(f"the key in {path} is not an RSA key, and Entra accepts only RSA keys; {remedy}")
