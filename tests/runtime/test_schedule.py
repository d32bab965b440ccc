"""The loop that repeats periodic jobs."""

from datetime import timedelta

import pytest
from sqlalchemy.exc import OperationalError

from app.db.outage.causes import in_words
from app.runtime import schedule

pytestmark = pytest.mark.anyio


class Stopped(Exception):
    """Raised by the job or its pause to end the loop."""


class JobOf:
    """A job whose passes take so many seconds each and then raise, or not."""

    every = timedelta(seconds=20)

    def __init__(self, *passes, rest=0.0):
        self.rest = rest
        self.now = 0.0
        self.errors, self.pauses = [], []
        self._passes = list(passes)

    async def once(self):
        if not self._passes:
            raise Stopped
        seconds, error = self._passes.pop(0)
        self.now += seconds
        if error:
            raise error

    def on_error(self, error, times):
        self.errors.append((error, times))

    async def sleep(self, seconds):
        self.pauses.append(seconds)

    async def repeated(self):
        with pytest.raises(Stopped):
            await schedule.repeat(self, clock=lambda: self.now, sleep=self.sleep)
        return self.pauses


async def test_a_job_is_repeated_at_its_interval():
    assert await JobOf((1, None), (3, None)).repeated() == [20, 20]


async def test_a_long_pass_is_followed_by_a_pause_in_proportion():
    assert await JobOf((1, None), (10, None), rest=4).repeated() == [20, 40]


@pytest.mark.parametrize("error", [OperationalError("SELECT 1", {}, Exception("gone")), ConnectionError("gone")])
async def test_an_error_of_the_database_is_reported_and_the_job_is_repeated(error):
    job = JobOf((1, error), (1, None))
    assert await job.repeated() == [20, 20]
    assert job.errors == [(in_words(error), 1)]


async def test_errors_of_a_lasting_outage_are_reported_once_a_minute_with_their_number():
    job = JobOf(*[(1, ConnectionError("gone"))] * 130, (1, OperationalError("SELECT 1", {}, Exception("full"))))
    await job.repeated()
    assert [times for _, times in job.errors] == [1, 60, 60, 1]


async def test_a_failed_pass_is_followed_by_a_pause_in_proportion_too():
    assert await JobOf((10, ConnectionError("gone")), rest=4).repeated() == [40]


async def test_any_other_error_ends_the_loop():
    job = JobOf((1, ValueError("a bug")))
    with pytest.raises(ValueError, match="a bug"):
        await schedule.repeat(job, clock=lambda: job.now, sleep=job.sleep)
    assert job.errors == []
