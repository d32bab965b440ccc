"""keep: on a schedule, at once when Graph says something, soon after a failure, and never in a hurry."""

import asyncio
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.exc import OperationalError

from app.inbox import tenant_state
from app.subscriptions import keep, model
from app.subscriptions.ensure import Ensured
from tests.waiting import until

pytestmark = pytest.mark.anyio

T = "00000000-0000-4000-8000-00000000aaaa"
U = "00000000-0000-4000-8000-00000000bbbb"
GOOD, BAD = Ensured(T, "kept"), Ensured(T, "failed", problem="no")


class Passes:
    """An `ensure` that answers as it was told, the last answer for ever."""

    def __init__(self, database, *answers):
        self.database, self.answers, self.made = database, list(answers), 0

    async def __call__(self):
        self.made += 1
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        if answer.good:
            async with self.database.begin() as db:
                for event in await model.noted(db, T):
                    await model.settled(db, event)
        return answer


@asynccontextmanager
async def keeping(database, every=timedelta(hours=1), woken=None, **passes):
    told = []
    names = {"here": T, "there": U}
    ensures = {names[name]: one for name, one in passes.items()}
    task = asyncio.create_task(
        keep.keep(database, ensures, every, woken=woken or asyncio.Event(), on_ensured=told.append)
    )  # fmt: skip
    yield told
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def note(database, tenant_id=T):
    async with database.begin() as db:
        await tenant_state.ensure_rows(db, [tenant_id])
        await model.note(db, [(tenant_id, "s", "missed")], datetime.now(UTC))


@pytest.fixture
def pauses(monkeypatch):
    """The pauses asked for after failures; none takes longer than a moment."""
    asked, sleep = [], asyncio.sleep

    async def short(seconds):
        asked.append(seconds)
        await sleep(0)

    monkeypatch.setattr(keep.asyncio, "sleep", short)
    return asked


async def test_it_passes_at_once_and_again_on_the_schedule(database):
    here = Passes(database, GOOD)
    async with keeping(database, timedelta(seconds=0.05), here=here) as told:
        await until(lambda: here.made >= 3)
    assert set(told) == {GOOD}


async def test_an_event_that_this_process_took_is_answered_at_once(database, monkeypatch):
    monkeypatch.setattr(keep, "LISTEN", 3600.0)
    here, woken = Passes(database, GOOD), asyncio.Event()
    async with keeping(database, woken=woken, here=here) as told:
        await until(lambda: told)
        await note(database)
        woken.set()
        await until(lambda: here.made == 2)


async def test_an_event_that_another_process_took_is_answered_soon(database, monkeypatch):
    monkeypatch.setattr(keep, "LISTEN", 0.05)
    here, there = Passes(database, GOOD), Passes(database, Ensured(U, "kept"))
    async with keeping(database, here=here, there=there) as told:
        await until(lambda: len(told) == 2)
        await note(database)
        await until(lambda: here.made == 2)
    assert there.made == 1


async def test_after_a_failure_it_comes_again_soon_and_then_more_and_more_slowly(database, pauses):
    here = Passes(database, BAD)
    async with keeping(database, timedelta(minutes=15), here=here):
        await until(lambda: here.made >= 6)
    assert pauses[:5] == [5.0, 15.0, 60.0, 900.0, 900.0]


async def test_a_long_schedule_is_not_waited_for_after_a_failure(database, pauses):
    here = Passes(database, BAD)
    async with keeping(database, timedelta(hours=6), here=here):
        await until(lambda: here.made >= 10)
    assert pauses[:9] == [5.0, 15.0, 60.0, 900.0, 1800.0, 3600.0, 7200.0, 14400.0, 21600.0]


async def test_a_success_forgets_the_failures_before_it(database, pauses):
    here = Passes(database, BAD, BAD, GOOD, BAD)
    async with keeping(database, timedelta(seconds=0.01), here=here):
        await until(lambda: here.made >= 5)
    assert pauses[:3] == [0.01, 0.01, 0.01]


async def test_a_database_that_fails_ends_nothing(database, pauses):
    here = Passes(database, OperationalError("SELECT 1", None, Exception()), OSError("gone"), GOOD)
    async with keeping(database, here=here) as told:
        await until(lambda: here.made == 3)
        await until(lambda: len(told) == 3)
    assert [ensured.good for ensured in told] == [False, False, True]


async def test_one_tenant_that_fails_does_not_hold_up_another(database, monkeypatch):
    monkeypatch.setattr(keep, "_SOON", (3600.0,))
    here, there = Passes(database, BAD), Passes(database, Ensured(U, "kept"))
    async with keeping(database, timedelta(seconds=0.02), here=here, there=there):
        await until(lambda: there.made >= 4)


async def test_the_real_ensure_keeps_a_subscription_alive(scene):
    async with scene.ensures() as ensures:
        ensure = ensures[scene.world.tenant_id]
        async with keeping(scene.database, timedelta(seconds=0.05), here=ensure):
            first = (await until(lambda: scene.live))[0]
            scene.world.clear_subscriptions()
            second = (await until(lambda: scene.live))[0]
    assert first.id != second.id
    assert scene.world.journal.violations == []
