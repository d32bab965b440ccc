import asyncio

import pytest

from app.db.group_commit import Group
from tests.waiting import PATIENCE

pytestmark = pytest.mark.anyio


class Disk:
    """A commit that can be watched, held up and broken."""

    def __init__(self):
        self.commits = []
        self.open = asyncio.Event()
        self.open.set()
        self.begun = asyncio.Event()

    async def commit(self, items):
        self.begun.set()
        await self.open.wait()
        self.commits.append(list(items))
        if bad := [item for item in items if isinstance(item, Exception)]:
            raise bad[0]


@pytest.fixture
def disk():
    return Disk()


async def add_all(group, *items):
    return await asyncio.gather(*(group.add(item) for item in items), return_exceptions=True)


async def holding_up(group, disk):
    """A first item whose commit has begun and does not end before ``disk.open.set()``."""
    disk.open.clear()
    first = asyncio.create_task(group.add("first"))
    await disk.begun.wait()
    return first


async def added(group, *items):
    """Tasks that wait for their items' commit."""
    tasks = [asyncio.create_task(group.add(item)) for item in items]
    await asyncio.sleep(0)
    return tasks


async def test_one_item_is_committed_at_once(disk):
    async with Group(disk.commit) as group:
        await group.add("one")
        assert disk.commits == [["one"]]


async def test_all_items_of_one_moment_go_in_one_commit(disk):
    async with Group(disk.commit) as group:
        await add_all(group, *range(50))
    assert disk.commits == [list(range(50))]


async def test_what_arrives_during_a_commit_goes_together_in_the_next(disk):
    async with Group(disk.commit) as group:
        first = await holding_up(group, disk)
        others = await added(group, "a", "b", "c")
        disk.open.set()
        await asyncio.gather(first, *others)
    assert disk.commits == [["first"], ["a", "b", "c"]]


async def test_no_caller_is_answered_before_the_commit_has_returned(disk):
    async with Group(disk.commit) as group:
        first = await holding_up(group, disk)
        await asyncio.wait([first], timeout=0.02)
        assert not first.done()
        disk.open.set()
        await first


async def test_a_commit_holds_at_most_so_many_items(disk):
    async with Group(disk.commit, most=4) as group:
        await add_all(group, *range(10))
    assert [len(commit) for commit in disk.commits] == [4, 4, 2]


async def test_a_commit_that_fails_fails_for_all_of_its_batch(disk):
    async with Group(disk.commit) as group:
        error = OSError("disk full")
        assert await add_all(group, "good", error) == [error, error]


async def test_after_a_commit_that_failed_later_ones_work(disk):
    async with Group(disk.commit) as group:
        await add_all(group, OSError("disk full"))
        assert await add_all(group, "good") == [None]


async def test_a_bad_item_fails_alone_where_the_error_lies_in_an_item(disk):
    async with Group(disk.commit, alone=lambda error: isinstance(error, ValueError)) as group:
        error = ValueError("bad")
        assert await add_all(group, "a", error, "b") == [None, error, None]
    assert disk.commits[1:] == [["a"], [error], ["b"]]


async def test_an_error_of_the_disk_is_not_tried_item_by_item(disk):
    async with Group(disk.commit, alone=lambda error: isinstance(error, ValueError)) as group:
        await add_all(group, "a", OSError("disk full"), "b")
    assert len(disk.commits) == 1


async def test_each_of_several_bad_items_gets_its_own_error(disk):
    one, two = ValueError("one"), ValueError("two")
    async with Group(disk.commit, alone=lambda error: isinstance(error, ValueError)) as group:
        assert await add_all(group, one, "good", two) == [one, None, two]


async def test_a_waiter_that_goes_away_does_not_hurt_the_others(disk):
    async with Group(disk.commit) as group:
        first = await holding_up(group, disk)
        gone, stays = await added(group, "gone", "stays")
        gone.cancel()
        first.cancel()
        disk.open.set()
        assert await stays is None
        assert await add_all(group, "later") == [None]


async def test_a_waiter_that_goes_away_does_not_hurt_the_others_when_the_commit_fails(disk):
    async with Group(disk.commit) as group:
        disk.open.clear()
        gone, stays = await added(group, OSError("disk full"), "stays")
        await disk.begun.wait()
        gone.cancel()
        disk.open.set()
        assert isinstance((await asyncio.gather(stays, return_exceptions=True))[0], OSError)


async def test_closing_commits_what_still_waits(disk):
    async with Group(disk.commit, most=2) as group:
        first = await holding_up(group, disk)
        others = await added(group, "a", "b", "c")
        disk.open.set()
    assert disk.commits == [["first"], ["a", "b"], ["c"]]
    assert await asyncio.gather(first, *others) == [None] * 4


async def test_an_item_for_a_closed_group_is_refused_and_does_not_wait_for_ever(disk):
    async with Group(disk.commit) as group:
        pass
    with pytest.raises(RuntimeError, match="closed"):
        await asyncio.wait_for(group.add("late"), PATIENCE)


async def test_when_closing_is_cancelled_no_caller_waits_for_a_commit_that_will_not_come(disk):
    tasks = []

    async def work():
        async with Group(disk.commit, most=1) as group:
            tasks.append(await holding_up(group, disk))
            tasks.extend(await added(group, "waiting"))

    closing = asyncio.create_task(work())
    await disk.begun.wait()
    await asyncio.sleep(0.01)
    closing.cancel()
    done, _ = await asyncio.wait([closing, *tasks], timeout=5)
    assert len(done) == 3


async def test_the_items_of_callers_that_gave_up_are_not_kept(disk):
    async with Group(disk.commit) as group:
        first = await holding_up(group, disk)
        patient, *gone = await added(group, *range(5_000))
        for task in gone:
            task.cancel()
        await asyncio.gather(*gone, return_exceptions=True)
        assert group.waiting == 1
        disk.open.set()
        await asyncio.gather(first, patient)
    assert disk.commits == [["first"], [0]]


async def test_a_commit_that_is_cancelled_from_within_does_not_end_the_writer():
    committed = []

    async def commit(items):
        if "bad" in items:
            raise asyncio.CancelledError
        committed.append(list(items))

    async with Group(commit) as group:
        with pytest.raises(ConnectionAbortedError):
            await group.add("bad")
        await asyncio.wait_for(group.add("good"), PATIENCE)
    assert committed == [["good"]]


async def test_a_commit_without_callers_is_cancelled_and_the_next_one_is_tried(disk):
    silent = asyncio.Event()
    begun = []

    async def commit(items):
        begun.append(list(items))
        if len(begun) == 1:
            await silent.wait()

    async with Group(commit) as group:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(group.add("lost"), 0.05)
        await asyncio.wait_for(group.add("next"), PATIENCE)
    assert begun == [["lost"], ["next"]]
