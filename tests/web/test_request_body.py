"""What a body costs while it is read; what is refused is in webhook/test_bounds_of_connections.py."""

import tracemalloc

import pytest
from starlette.requests import Request

from app.web.request_body import PIECE, notifications

pytestmark = pytest.mark.anyio
SIZE = 1_000_000


def arriving(chunk):
    """A request whose body arrives as copies of the chunk."""
    left = SIZE // len(chunk)

    async def receive():
        nonlocal left
        left -= 1
        return {"type": "http.request", "body": bytes(bytearray(chunk)), "more_body": left > 0}

    return Request({"type": "http", "method": "POST", "headers": []}, receive)


async def test_a_body_is_the_same_however_it_arrives():
    for chunk in (b"12345678", b"x" * 1_000, b"y" * (PIECE + 1), b"z" * SIZE):
        async with notifications().read(arriving(chunk)) as body:
            assert body == chunk * (SIZE // len(chunk))


async def test_small_chunks_take_little_more_memory_than_their_bytes():
    tracemalloc.start()
    try:
        async with notifications().read(arriving(b"12345678")) as body:
            _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(body) == SIZE
    assert peak < 2.5 * SIZE  # the pieces and, for a moment, the body that they are joined to
