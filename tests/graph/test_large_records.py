"""Large answers of Graph share one budget, and the memory of a worker stays within it."""

import asyncio

import pytest

from app.graph.transport.large_records import LargeRecords
from bench import large_record

pytestmark = pytest.mark.anyio


async def test_answers_within_the_limit_are_read_at_a_time_and_the_next_one_waits_for_a_release():
    large = LargeRecords(limit=10)
    await large.reserve("a", 6)
    await large.reserve("b", 4)
    third = asyncio.create_task(large.reserve("c", 5))
    await asyncio.sleep(0)
    assert (large.in_flight, third.done()) == (10, False)
    large.release("b")
    await asyncio.sleep(0)
    assert not third.done()
    large.release("a")
    await third
    assert large.in_flight == 5


async def test_an_answer_of_unknown_size_or_above_the_limit_is_read_alone():
    for size in (None, 50):
        large = LargeRecords(limit=10)
        await large.reserve("a", 1)
        alone = asyncio.create_task(large.reserve("b", size))
        behind = asyncio.create_task(large.reserve("c", 1))
        await asyncio.sleep(0)
        assert not alone.done()
        assert not behind.done()
        large.release("a")
        await alone
        assert (large.in_flight, behind.done()) == (10, False)
        large.release("b")
        await behind


async def test_a_record_that_has_bytes_gets_more_without_a_wait():
    large = LargeRecords(limit=10)
    await large.reserve("a", 10)
    await large.reserve("a", 10)
    assert large.release("a")
    assert large.in_flight == 0
    assert not large.release("a")


async def test_a_fetch_that_is_cancelled_while_it_waits_lets_the_next_one_pass():
    large = LargeRecords(limit=10)
    await large.reserve("a", 6)
    waits, next_one = asyncio.create_task(large.reserve("b", 8)), asyncio.create_task(large.reserve("c", 4))
    await asyncio.sleep(0)
    waits.cancel()
    await next_one
    assert large.in_flight == 10


async def test_a_fetch_that_is_cancelled_as_it_is_granted_gives_its_bytes_back():
    large = LargeRecords(limit=10)
    await large.reserve("a", 6)
    waits = asyncio.create_task(large.reserve("b", 8))
    await asyncio.sleep(0)
    large.release("a")
    waits.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waits
    assert large.in_flight == 0


@pytest.mark.parametrize("form", ["emoji", "participant"])
def test_a_worker_stores_records_with_a_text_of_20_mb_one_after_another_and_gives_memory_back(tmp_path, form):
    figures = large_record.measured(form, 20, 3, f"sqlite:///{tmp_path}/calls.db")
    assert figures["stored"] == 3
    assert figures["peak"] - figures["idle"] < 80  # MB; twice the answer, and what SQLite caches
    assert figures["after"] - figures["idle"] < 20
