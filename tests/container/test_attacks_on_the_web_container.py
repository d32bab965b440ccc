"""Every attack of `python -m bench fire` in its full form, on the web container of the compose file with its 256 MB."""

import asyncio

import pytest

from bench.attacks import ATTACKS
from bench.webhook_under_fire import FULL, WORST, answers_to, beside_handshakes

MEMORY = 256 * 1024 * 1024
ATTEMPTS = 3  # the machine may be busy with other work; before the bounds each attempt took seconds


@pytest.fixture(scope="module")
def web(demo):
    """The container as docker knows it before the attacks."""
    [container] = demo.containers("web")
    assert container["HostConfig"]["Memory"] == MEMORY
    return container


@pytest.fixture(scope="module")
def tenant(demo):
    return demo.get("/api/status")["tenants"][0]["tenant_id"]


@pytest.mark.parametrize("name", FULL)
def test_a_handshake_is_answered_in_time_during_an_attack(demo, web, tenant, name, record_property):
    count, awaited = FULL[name]
    seconds = []
    for _ in range(ATTEMPTS):
        work = answers_to(name, demo.port, tenant, count, awaited)
        answers, worst = asyncio.run(beside_handshakes(demo.port, work))
        assert answers.total() == count
        seconds.append(worst)
        if 1000 * worst <= WORST:
            break
    found = ", ".join(f"{status}: {count}" for status, count in sorted(answers.items()))
    record_property(f"{count} x {ATTACKS[name].what}", f"slowest handshake {1000 * min(seconds):.0f} ms; {found}")
    assert 1000 * min(seconds) <= WORST


def test_after_the_attacks_the_container_still_runs_and_stores_notifications(demo, web):
    """No start of it was needed, and none of its processes was ended for lack of memory."""
    demo.keeps(demo.make_calls(20))
    [now] = demo.containers("web")
    assert now["State"]["StartedAt"] == web["State"]["StartedAt"]
    assert not now["State"]["OOMKilled"]
    assert now["RestartCount"] == 0
