"""Rules over windows: minimum, certainty, two of three, calm for three, late data; pure."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.alerts import findings, window
from app.alerts.rule import DEFAULTS, Mute, Rule
from app.alerts.window import Counted, Judged

SITE = Rule(id="site_audio", kind="poor_share", by="site", warning=0.05, critical=0.20)
USUAL = Rule(id="tenant_usual", kind="poor_share_against_usual", min_streams=100)
NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)

JUDGED = [
    # judged, poor, calls -> severity, calm
    ((0, 0, 0), (None, None)),
    ((29, 29, 29), (None, None)),  # too few streams
    ((300, 300, 4), (None, None)),  # too few calls
    ((300, 60, 5), (None, False)),  # a fifth, but five calls are not enough to be certain
    ((300, 60, 150), ("warning", False)),
    ((300, 180, 150), ("critical", False)),
    ((300, 12, 150), (None, False)),
    ((300, 9, 150), (None, True)),  # 3 %: 60 % of the threshold
    ((300, 0, 150), (None, True)),
]


@pytest.mark.parametrize(("numbers", "meant"), JUDGED)
def test_a_window_breaches_only_if_its_share_is_certainly_above_the_threshold(numbers, meant):
    judged, poor, calls = numbers
    found = window.judge(SITE, Counted(judged, judged, poor, calls))
    assert (found.severity, found.calm) == meant


def test_a_tenant_is_compared_with_the_same_hour_of_four_weeks():
    usual = [Counted(1000, 1000, poor, 500) for poor in (40, 50, 60)]
    bad, much_worse = Counted(1000, 1000, 120, 500), Counted(1000, 1000, 250, 500)
    assert window.judge(USUAL, bad, usual).severity is None
    assert window.judge(USUAL, much_worse, usual).severity == "warning"
    assert window.judge(USUAL, much_worse, []) == Judged(None, None, 0.05)  # nothing to compare with


BREACH, CRITICAL = Judged("warning", calm=False, threshold=0.05), Judged("critical", calm=False, threshold=0.05)
BETWEEN, CALM, NO_DATA = Judged(None, False, 0.05), Judged(None, True, 0.05), Judged(None, None, 0.05)

DECISIONS = [
    ((BREACH, CALM, CALM), (CALM, CALM, CALM), False, "keep"),
    ((BREACH, BREACH, CALM), (CALM, CALM, CALM), False, "fire"),
    ((CALM, BREACH, BREACH), (CALM, CALM, CALM), True, "fire"),
    ((CALM, CALM, CALM), (CALM, CALM, CALM), True, "resolve"),
    ((CALM, CALM, CALM), (CALM, CALM, CALM), False, "keep"),
    ((CALM, CALM, CALM), (CALM, CALM, BETWEEN), True, "keep"),
    ((NO_DATA, NO_DATA, NO_DATA), (NO_DATA, NO_DATA, NO_DATA), True, "keep"),  # no data is not good
    ((BREACH, CALM, CALM), (CALM, CALM, CALM), True, "keep"),
]


@pytest.mark.parametrize(("raising", "final", "is_open", "action"), DECISIONS)
def test_two_of_three_windows_fire_and_three_calm_ones_resolve(raising, final, is_open, action):
    assert window.decide(raising, final, is_open=is_open).action == action


def test_an_alert_is_critical_if_two_windows_are():
    assert window.decide((CRITICAL, BREACH, CALM), (), is_open=False).severity == "warning"
    assert window.decide((CRITICAL, CRITICAL, CALM), (), is_open=False).severity == "critical"


def test_windows_are_raised_an_hour_after_their_end_and_final_after_two_and_a_half():
    newest = window.windows_at(NOW, window.FIRST_PASS)
    assert newest == [window.hour_of(NOW) - 2 - number for number in range(3)]  # calls of 10 to 11, ended an hour ago
    assert window.windows_at(NOW - timedelta(seconds=1), window.FIRST_PASS)[0] == newest[0] - 1
    assert window.windows_at(NOW, window.LAST_PASS)[0] == newest[0] - 2
    assert window.windows_at(NOW + timedelta(minutes=30), window.LAST_PASS)[0] == newest[0] - 1


def test_late_records_can_raise_an_alert_in_a_later_pass():
    raising = window.windows_at(NOW, window.FIRST_PASS)
    few = {("t", "AAR-2"): {hour: Counted(40, 40, 40, 4) for hour in raising}}
    more = {("t", "AAR-2"): {hour: Counted(80, 80, 80, 60) for hour in raising}}
    [before], [after] = (list(findings.of(SITE, counts, NOW, ())) for counts in (few, more))
    assert (before.decision.action, after.decision.action) == ("keep", "fire")
    assert after.counted == Counted(80, 80, 80, 60)


def test_the_identity_of_an_alert_depends_on_rule_tenant_and_value_alone():
    one = findings.fingerprint(SITE, ("t", "AAR-2"))
    assert one == findings.fingerprint(replace(SITE, warning=0.5), ("t", "AAR-2"))
    others = {("u", "AAR-2"), ("t", "AAR-3")}
    assert len({one, *(findings.fingerprint(SITE, place) for place in others)}) == 3
    assert len(one) == 32


MUTES = [
    (Mute(rule="site_audio"), "site_audio", 0, 12, True),
    (Mute(rule="site_audio"), "subnet_audio", 0, 12, False),
    (Mute(value="AAR-2"), "subnet_audio", 0, 12, True),
    (Mute(value="AAR-3"), "site_audio", 0, 12, False),
    (Mute(days=frozenset({5, 6})), "site_audio", 5, 0, True),
    (Mute(days=frozenset({5, 6})), "site_audio", 4, 23, False),
    (Mute(begin=20, end=6, days=frozenset({4})), "site_audio", 4, 21, True),
    (Mute(begin=20, end=6, days=frozenset({4})), "site_audio", 5, 5, True),
    (Mute(begin=20, end=6, days=frozenset({4})), "site_audio", 4, 5, False),
    (Mute(begin=20, end=6, days=frozenset({4})), "site_audio", 5, 6, False),
]


@pytest.mark.parametrize(("mute", "rule", "weekday", "hour", "applies"), MUTES)
def test_a_mute_applies_to_its_rule_value_days_and_hours(mute, rule, weekday, hour, applies):
    assert mute.applies(rule, "AAR-2", weekday, hour) is applies


def test_the_default_rules_have_ids_of_their_own():
    assert len({rule.id for rule in DEFAULTS}) == len(DEFAULTS) > 3
