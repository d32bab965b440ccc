import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.access.entra import entra as started


@pytest.fixture(scope="session")
def signing_key():
    """Making one takes long; the tests share it."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture
async def entra(tmp_path, signing_key):
    async with started(tmp_path / "ca.pem", signing_key) as entra:
        yield entra
