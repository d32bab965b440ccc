"""The whole system without an account: calls arrive, and go on arriving whatever is stopped, killed or multiplied."""

from time import monotonic

import pytest

from tests.container.stage import docker, until
from tests.some import some

OURS = ("web", "worker", "renew")
GRACE = 15  # seconds, stop_grace_period


def test_calls_arrive(demo):
    demo.keeps(demo.make_calls(50))
    assert len(demo.kept()) > 50  # and the calls of the demo's story, with those of the days before


def test_the_hello_tells_the_url_and_the_key(demo):
    said = until(lambda: demo.logs("hello"))
    assert "http://127.0.0.1:8000" in said
    assert "Bearer callkeeper-demo-key-not-secret" in said


def test_the_doctor_finds_nothing_wrong(demo):
    until(demo.is_ready)
    done = demo.compose("exec", "-T", "web", "callkeeper", "doctor", check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("service", [*OURS, "simulator"])
def test_nothing_is_written_outside_the_volumes(demo, service):
    for container in some(demo.containers(service)):
        changed = {line.split()[1] for line in docker("diff", container["Id"]).stdout.splitlines()}
        assert changed <= {"/run", "/run/demo", "/run/password"}  # where volumes are mounted
        assert container["HostConfig"]["ReadonlyRootfs"]
        assert container["HostConfig"]["CapDrop"] == ["ALL"]


def test_everything_is_within_its_memory_and_all_of_it_in_two_gigabytes(demo, record_property):
    ids = demo.compose("ps", "--quiet").stdout.split()
    used = docker("stats", "--no-stream", "--format", "{{.Name}} {{.MemUsage}}", *ids).stdout
    record_property("memory", used)
    limits = [one["HostConfig"]["Memory"] for service in (*OURS, "db", "simulator") for one in demo.containers(service)]
    assert all(limits)
    assert sum(limits) < 1.5e9
    assert not any(state["OOMKilled"] for state in some(demo.states(*OURS, "db", "simulator")))


def test_a_stop_drains_and_what_was_in_flight_is_collected_after_the_next_start(demo, record_property):
    slow = {"fault": "slow", "seconds": 3, "match": {"path": r"callRecords/[0-9a-f]"}}
    demo.control("POST", "/faults", slow)
    demo.control("DELETE", "/log")
    made = demo.make_calls(60)
    until(lambda: demo.control("GET", "/stats")["most_at_once"] > 5)  # requests of fetches that are under way
    began = monotonic()
    demo.compose("stop", *OURS)
    took = monotonic() - began
    record_property("seconds to stop", round(took, 1))
    assert took < GRACE
    assert [state["ExitCode"] for state in demo.states(*OURS)] == [0] * len(OURS)
    demo.control("DELETE", "/faults")
    demo.up("--profile", "demo")
    demo.keeps(made)


def test_everything_stops_and_starts_again_with_what_it_had(demo):
    had = demo.kept()
    demo.compose("--profile", "demo", "stop")
    assert {state["ExitCode"] for state in demo.states(*OURS, "db", "simulator")} == {0}
    demo.up("--profile", "demo")
    demo.keeps(had)
    demo.keeps(demo.make_calls(5))  # a simulated Graph that was stopped forgot us: a new subscription was made


def test_three_workers_share_the_work(demo, record_property):
    demo.up("--profile", "demo", more=["--scale", "worker=3", "--no-recreate"])
    until(lambda: [state["Health"]["Status"] for state in demo.states("worker")] == ["healthy"] * 3)
    demo.keeps(demo.make_calls(400))
    shares = [_fetched(container["Id"]) for container in demo.containers("worker")]
    record_property("records fetched by each worker", shares)
    assert sum(share > 0 for share in shares) > 1
    demo.up("--profile", "demo", more=["--scale", "worker=1", "--no-recreate"])


def _fetched(container):
    asked = "import urllib.request as u; print(u.urlopen('http://127.0.0.1:9464/metrics').read().decode())"
    lines = docker("exec", container, "python", "-c", asked).stdout.splitlines()
    return sum(float(line.split()[-1]) for line in lines if line.startswith("callkeeper_fetches_total{"))


def test_a_killed_database_is_missed_and_nothing_is_lost(demo):
    until(demo.is_ready)
    started = {state["StartedAt"] for state in demo.states(*OURS)}
    before = demo.make_calls(40)
    demo.compose("kill", "db")
    during = demo.make_calls(40)
    until(lambda: not demo.is_ready())
    demo.compose("start", "db")
    demo.keeps(before | during)
    assert {state["StartedAt"] for state in demo.states(*OURS)} == started  # nobody had to be started again
    assert {state["Health"]["Status"] for state in demo.states(*OURS)} == {"healthy"}


def test_no_log_tells_a_secret(demo):
    secret = next(
        line for line in demo.compose("exec", "-T", "simulator", "cat", "/run/demo/settings.env").stdout.splitlines()
        if line.startswith("AZURE_CLIENT_SECRET=")
    ).partition("=")[2]  # fmt: skip
    password = demo.compose("exec", "-T", "web", "cat", "/run/password/database").stdout.strip()
    logs = demo.logs(*OURS, "migrate", "db")
    assert secret not in logs
    assert password not in logs
    assert "Traceback" not in demo.logs(*OURS)
