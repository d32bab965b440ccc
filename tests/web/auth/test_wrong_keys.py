"""Guessing keys: a delay after ten wrong ones from an address, with bounds for memory and waiting requests."""

import asyncio

import pytest

from app.access.caller import Caller, Unauthenticated
from app.settings.checks import network
from app.web.auth import wrong_keys
from app.web.auth.attempts import Attempts
from app.web.auth.client_address import client_address
from app.web.auth.wrong_keys import TooManyWrongKeys, WrongKeys
from app.web.graph_api.public_origin import Origins
from tests.web.application import KEY, calling
from tests.web.auth.guarded import a_key
from tests.web.pages.browser_client import a_browser, post_key, problem, signed_in

pytestmark = pytest.mark.anyio

HERE, ELSEWHERE = "192.0.2.1", "192.0.2.2"
KNOWN = Caller("reports", "read")


class Guard:
    """A WrongKeys whose clock and whose delays the test moves."""

    def __init__(self, metrics):
        self.now, self.delays, self.go_on = 0.0, 0, asyncio.Event()
        self.go_on.set()
        self.wrong_keys = WrongKeys(metrics, Attempts(clock=lambda: self.now), sleep=self.sleep)

    async def sleep(self, _):
        self.delays += 1
        await self.go_on.wait()

    async def shows(self, key, address=HERE):
        async def look_up():
            if key.startswith("right"):
                return KNOWN
            raise Unauthenticated("key", "")

        try:
            return await self.wrong_keys.check(address, key, look_up)
        except Unauthenticated:
            return None

    async def guesses(self, times, address=HERE):
        for number in range(times):
            await self.shows(f"guess {number}", address)


@pytest.fixture
def guard(metrics):
    return Guard(metrics)


async def test_the_eleventh_wrong_key_within_a_minute_waits_and_a_minute_later_none_does(guard, metrics):
    await guard.guesses(10)
    assert guard.delays == 0
    await guard.guesses(1)
    assert await guard.shows("right, but not known yet") == KNOWN
    assert guard.delays == metrics.wrong_key_limits.labels(action="delayed")._value.get() == 2
    await guard.guesses(1, ELSEWHERE)
    guard.now = 60.0
    await guard.guesses(1)
    assert guard.delays == 2


async def test_a_key_that_was_accepted_before_never_waits_behind_guesses_from_its_address(guard):
    await guard.shows("right")
    await guard.guesses(10)
    assert (await guard.shows("right"), guard.delays) == (KNOWN, 0)


async def test_only_so_many_requests_wait_and_further_ones_are_refused_before_their_key_is_looked_up(guard, metrics):
    for address in (HERE, ELSEWHERE):
        await guard.guesses(10, address)
    guard.go_on.clear()
    waiting = [asyncio.create_task(guard.shows("guess")) for _ in range(wrong_keys.WAITING_OF_ADDRESS)]
    await asyncio.sleep(0)
    with pytest.raises(TooManyWrongKeys):
        await guard.shows("right")
    assert metrics.wrong_key_limits.labels(action="refused")._value.get() == 1
    other = asyncio.create_task(guard.shows("guess", ELSEWHERE))
    await asyncio.sleep(0)
    guard.go_on.set()
    assert await asyncio.gather(*waiting, other) == [None] * (wrong_keys.WAITING_OF_ADDRESS + 1)
    assert await guard.shows("right") == KNOWN
    assert not guard.wrong_keys._waiting


async def test_all_addresses_together_have_a_bound_too(guard, monkeypatch):
    monkeypatch.setattr(wrong_keys, "WAITING", 1)
    await guard.guesses(10)
    await guard.guesses(10, ELSEWHERE)
    guard.go_on.clear()
    waiting = asyncio.create_task(guard.shows("guess"))
    await asyncio.sleep(0)
    with pytest.raises(TooManyWrongKeys):
        await guard.shows("guess", ELSEWHERE)
    guard.go_on.set()
    await waiting


def test_a_million_addresses_take_bounded_memory():
    attempts = Attempts(addresses=1000)
    for number in range(20_000):
        attempts.fail(str(number))
    assert len(attempts._failed) == 1000
    for _ in range(50):
        attempts.fail("19999")
    assert (attempts.is_over("19999"), len(attempts._failed["19999"])) == (True, 10)


@pytest.mark.parametrize(
    ("peer", "forwarded", "counted"),
    [
        ("192.0.2.1", ["198.51.100.7"], "192.0.2.1"),  # no proxy of ours: its header counts nothing
        ("10.0.0.1", ["198.51.100.7"], "198.51.100.7"),
        ("::ffff:10.0.0.1", ["1.1.1.1, 198.51.100.7:4711"], "198.51.100.7"),  # what the client itself wrote comes first
        ("10.0.0.1", ["1.1.1.1", "198.51.100.7, 10.0.0.2"], "198.51.100.7"),
        ("10.0.0.1", ["nonsense"], "10.0.0.1"),
        ("10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.1", ["[2001:db8:1:2:3::4]:443"], "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", [], "2001:db8:1:2::/64"),
        (None, ["198.51.100.7"], "unknown"),
    ],
)
def test_the_address_is_the_peers_unless_a_trusted_proxy_names_another(peer, forwarded, counted):
    headers = [(b"x-forwarded-for", value.encode()) for value in forwarded]
    scope = {"client": (peer, 1) if peer else None, "headers": headers}
    assert client_address(scope, Origins((network("10.0.0.0/8"),))) == counted


async def test_pages_and_api_count_together_and_sessions_and_known_keys_go_on(app, database, monkeypatch, metrics):
    monkeypatch.setattr(wrong_keys, "DELAY", 0.0)
    known = await a_key(database, "reports")
    async with signed_in(app) as user, calling(app, key=known) as program, calling(app) as stranger:
        assert (await program.get("/api/calls")).status_code == 200
        for number in range(5):
            await stranger.get("/api/calls", headers={"X-API-Key": f"wrong {number}"})
            await post_key(stranger, f"wrong {number}")
        assert metrics.wrong_key_limits.labels(action="delayed")._value.get() == 0
        assert (await stranger.get("/api/calls", headers={"X-API-Key": "wrong"})).status_code == 401
        assert (await post_key(stranger, "wrong")).status_code == 401
        assert metrics.wrong_key_limits.labels(action="delayed")._value.get() == 2
        assert (await program.get("/api/calls")).status_code == 200
        assert (await user.get("/calls")).status_code == 200
        assert metrics.wrong_key_limits.labels(action="delayed")._value.get() == 2


async def test_a_refused_request_is_a_429_that_says_when_to_try_again(app, monkeypatch):
    monkeypatch.setattr(wrong_keys, "WAITING", 0)
    async with a_browser(app) as browser, calling(app, key="wrong") as stranger:
        for _ in range(10):
            await stranger.get("/api/calls")
        refused = await stranger.get("/api/calls")
        assert (refused.status_code, refused.headers["retry-after"]) == (429, "60")
        assert refused.headers["content-type"] == "application/problem+json"
        assert (await stranger.get("/v1.0/communications/callRecords")).json()["error"]["code"] == "TooManyRequests"
        page = await post_key(browser, KEY)
        assert (page.status_code, page.headers["retry-after"]) == (429, "60")
        assert "Wait a minute" in problem(page)
