"""The bounds of request bodies: of one body, in bytes and seconds, and of all bodies together."""

import asyncio

import pytest
from starlette.requests import Request

from app.web.problems import Problem
from app.web.request_body import RequestBodies

pytestmark = pytest.mark.anyio


def request(*chunks, length=None, then=None):
    """A request that gets these chunks; after them ``then``, or nothing for ever."""
    messages = [{"type": "http.request", "body": chunk, "more_body": True} for chunk in chunks]
    messages += [then] if then else []

    async def receive():
        return messages.pop(0) if messages else await asyncio.Event().wait()

    headers = [(b"content-length", str(length).encode())] if length is not None else []
    return Request({"type": "http", "method": "POST", "headers": headers}, receive)


END = {"type": "http.request", "body": b"", "more_body": False}
GONE = {"type": "http.disconnect"}


def bodies(seconds=60.0):
    return RequestBodies("A form", largest=10, all_bytes=15, seconds=seconds)


@pytest.mark.parametrize(
    ("of", "seconds", "status"),
    [
        (lambda: request(length=11), 60.0, 413),
        (lambda: request(b"x" * 6, b"x" * 5), 60.0, 413),
        (lambda: request(b"x" * 6), 0.0, 408),
        (lambda: request(b"x" * 6, then=GONE), 60.0, 400),
    ],
    ids=["declared too large", "too large", "too slow", "client gone"],
)
async def test_a_body_beyond_its_bounds_is_refused_and_its_memory_is_free_again(of, seconds, status):
    of_forms = bodies(seconds)
    for _ in range(3):  # three of them would take more than all bodies may
        with pytest.raises(Problem) as refused:
            async with of_forms.read(of()):
                pytest.fail("it was read")
        assert refused.value.status == status


async def test_bodies_that_are_in_use_leave_less_memory_to_others():
    of_forms = bodies()
    async with of_forms.read(request(b"x" * 10, then=END)) as body:
        assert body == b"x" * 10
        with pytest.raises(Problem) as refused:
            async with of_forms.read(request(b"x" * 6, then=END)):
                pytest.fail("it was read")
        assert (refused.value.status, refused.value.headers["Retry-After"]) == (503, "5")
        async with of_forms.read(request(b"x" * 5, then=END)) as other:
            assert len(other) == 5
    async with of_forms.read(request(b"x" * 10, then=END)) as body:
        assert len(body) == 10
