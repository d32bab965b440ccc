"""The attacks of the benchmark in their short form, against the service as its own process.

The memory and the answers are judged here, the seconds only by `python -m bench fire`: other tests run meanwhile.
"""

import pytest

from bench.webhook_under_fire import FULL, GROWTH, attack

SHORT = FULL | {
    "stopped": (20, 3),  # 17 bodies of 3.9 MB are below 64 MB in all; the others are refused at once
    "silent": (60, 0),
    "malformed": (60, 60),
    "upgrade": (60, 60),
}


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    return attack(tmp_path_factory.mktemp("attacks"), SHORT)


def test_each_attack_is_answered_as_what_it_is(report):
    answers = {name: dict(result.answers) for name, result in report.attacks.items()}
    stopped, batches = answers.pop("stopped"), answers.pop("batches")
    assert answers == {
        "empty": {"413": 3},
        "forged": {"413": 4},
        "silent": {"open": 60},
        "malformed": {"400": 60},
        "upgrade": {"200": 60},
    }
    assert stopped["503"] >= 3
    assert set(stopped) == {"503", "open"}
    assert set(batches) <= {"202", "503"}  # 503 where a busy machine does not authenticate them in time


@pytest.mark.parametrize("name", SHORT)
def test_an_attack_takes_no_more_memory_than_its_bound(report, name):
    assert report.attacks[name].growth <= GROWTH


def test_a_true_notification_is_stored_afterwards_and_nothing_forged_is(report):
    assert report.status == 202
    assert report.is_stored


def test_the_attacks_write_few_log_lines(report):
    assert report.log_lines <= 20
