"""The waits of the tests: they end with the condition, go on while something changes, and fail without progress."""

from itertools import count

import pytest

from tests.waiting import until, wait_until

pytestmark = pytest.mark.anyio


async def test_the_value_of_the_condition_is_returned():
    values = iter([None, [], "value"])
    assert await until(lambda: next(values)) == "value"
    assert wait_until(lambda: 7) == 7


async def test_a_wait_without_progress_fails_with_the_condition_and_the_log():
    never = 1
    with pytest.raises(AssertionError, match=r"no progress for 0\.01 s: .*never.* the log"):
        await until(lambda: never is None, details=lambda: "the log", seconds=0.01)


@pytest.mark.parametrize("what", ["progress", "details"])
async def test_a_wait_with_progress_goes_on_after_its_seconds(what):
    numbers = count()
    looks = iter(range(5))
    assert await until(lambda: next(looks) == 4, seconds=0.0001, limit=1e9, **{what: lambda: next(numbers)})


async def test_progress_without_end_is_no_reason_to_wait_for_ever():
    numbers = count()
    with pytest.raises(AssertionError):
        await until(lambda: False, progress=lambda: next(numbers), seconds=0.001, limit=10)


async def test_a_bound_method_is_a_condition_too():
    with pytest.raises(AssertionError):
        await until([].copy, seconds=0.001)
