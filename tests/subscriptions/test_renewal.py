"""Renewal: on a schedule, at once on a lifecycle event, and with growing pauses after failures."""

import asyncio
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.exc import OperationalError

from app.inbox import tenant_state
from app.subscriptions import model
from app.subscriptions.ensure import Ensured
from app.subscriptions.renewal import Renewal
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
                for event in await model.pending_events(db, T):
                    await model.delete_event(db, event)
        return answer


@asynccontextmanager
async def renewing(database, every=timedelta(hours=1), *, here, there=None, woken=None, **options):
    ensured = []
    ensures = {T: here} | ({U: there} if there else {})
    renewal = Renewal(database, ensures, every, woken=woken or asyncio.Event(), on_ensured=ensured.append, **options)
    task = asyncio.create_task(renewal.run())
    yield ensured
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def note(database, tenant_id=T):
    async with database.begin() as db:
        await tenant_state.ensure_rows(db, [tenant_id])
        await model.store_events(db, [(tenant_id, "s", "missed")], datetime.now(UTC))


class Pauses(list):
    """A sleep that notes the seconds and returns at once."""

    async def sleep(self, seconds):
        self.append(seconds)
        await asyncio.sleep(0)


@pytest.fixture
def pauses():
    return Pauses()


async def test_it_passes_at_once_and_again_on_the_schedule(database):
    here = Passes(database, GOOD)
    async with renewing(database, timedelta(seconds=0.05), here=here) as ensured:
        await until(lambda: here.made >= 3)
    assert set(ensured) == {GOOD}


async def test_an_event_that_this_process_took_is_answered_at_once(database):
    here, woken = Passes(database, GOOD), asyncio.Event()
    async with renewing(database, woken=woken, here=here, events_every=3600.0) as ensured:
        await until(lambda: ensured)
        await note(database)
        woken.set()
        await until(lambda: here.made == 2)


async def test_an_event_that_another_process_took_is_answered_soon(database):
    here, there = Passes(database, GOOD), Passes(database, Ensured(U, "kept"))
    async with renewing(database, here=here, there=there, events_every=0.05) as ensured:
        await until(lambda: len(ensured) == 2)
        await note(database)
        await until(lambda: here.made == 2)
    assert there.made == 1


async def test_after_a_failure_it_comes_again_soon_and_then_more_and_more_slowly(database, pauses):
    here = Passes(database, BAD)
    async with renewing(database, timedelta(minutes=15), here=here, sleep=pauses.sleep):
        await until(lambda: here.made >= 6)
    assert pauses[:5] == [5.0, 15.0, 60.0, 900.0, 900.0]


async def test_a_long_schedule_is_not_waited_for_after_a_failure(database, pauses):
    here = Passes(database, BAD)
    async with renewing(database, timedelta(hours=6), here=here, sleep=pauses.sleep):
        await until(lambda: here.made >= 10)
    assert pauses[:9] == [5.0, 15.0, 60.0, 900.0, 1800.0, 3600.0, 7200.0, 14400.0, 21600.0]


async def test_a_success_forgets_the_failures_before_it(database, pauses):
    here = Passes(database, BAD, BAD, GOOD, BAD)
    async with renewing(database, timedelta(seconds=0.01), here=here, sleep=pauses.sleep):
        await until(lambda: here.made >= 5)
    assert pauses[:3] == [0.01, 0.01, 0.01]


async def test_a_database_that_fails_ends_nothing_and_is_logged_once_a_minute_for_all_tenants(database, pauses, capsys):
    gone, refused = OSError("gone"), OperationalError("SELECT 1", None, Exception())
    here, there = Passes(database, gone, refused, gone, GOOD), Passes(database, gone, gone, Ensured(U, "kept"))
    async with renewing(database, here=here, there=there, sleep=pauses.sleep) as ensured:
        await until(lambda: len(ensured) == 7)
    assert sorted(one.good for one in ensured) == [False] * 5 + [True] * 2
    assert capsys.readouterr().out.count("subscription_failed") == 2  # causes


async def test_one_tenant_that_fails_does_not_hold_up_another(database):
    here, there = Passes(database, BAD), Passes(database, Ensured(U, "kept"))
    async with renewing(database, timedelta(seconds=0.02), here=here, there=there, after_failure=(3600.0,)):
        await until(lambda: there.made >= 4)


async def test_the_real_ensure_keeps_a_subscription_alive(installation):
    async with installation.ensures() as ensures:
        ensure = ensures[installation.world.tenant_id]
        async with renewing(installation.database, timedelta(seconds=0.05), here=ensure):
            first = (await until(lambda: installation.live))[0]
            installation.world.clear_subscriptions()
            second = (await until(lambda: installation.live))[0]
    assert first.id != second.id
    assert installation.world.journal.violations == []
