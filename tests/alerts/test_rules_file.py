"""A file of rules: what is wrong is named by line, key and accepted values."""

import pytest

from app.alerts import rules_file
from app.alerts.rule import DEFAULTS, Mute, Rule
from app.alerts.rules_file import RulesRefused


def test_one_line_switches_the_default_set_on():
    assert rules_file.read("defaults = true").rules == DEFAULTS
    assert rules_file.read("").rules == ()


def test_a_rule_of_the_file_replaces_the_default_of_its_id_and_mutes_are_read():
    found = rules_file.read(
        """
defaults = true
most_an_hour = 5

[[rule]]
id = "site_audio"
kind = "poor_share"
by = "site"
warning = 0.1

[[mute]]
rule = "site_audio"
value = "AAR-2"
days = ["sat", "sun"]
from = "20:00"
until = "06:00"
"""
    )
    assert len(found.rules) == len(DEFAULTS)
    assert Rule(id="site_audio", kind="poor_share", by="site", warning=0.1) in found.rules
    assert found.mutes == (Mute(rule="site_audio", value="AAR-2", days=frozenset({5, 6}), begin=20, end=6),)
    assert found.most_an_hour == 5


GOOD = '[[rule]]\nid = "a"\nkind = "poor_share"\n'
WRONG = [
    ("rules = []", "line 1: rules: write one of defaults, most_an_hour, rule, mute"),
    ("defaults = 'yes'", "line 1: defaults: write true or false"),
    ("\nmost_an_hour = 0", "line 2: most_an_hour: write an integer from 1 to 1000"),
    (f'{GOOD}by = "floor"', "line 4: by: write one of tenant, site, network, subnet, access_point"),
    (f"{GOOD}\nwarning = 5", "line 5: warning: write a share from 0 to 1"),
    (f"{GOOD}warning = 0.5\ncritical = 0.1", "line 5: critical: write at least warning (0.5)"),
    (f"{GOOD}{GOOD}limit = 3", "line 7: limit: write one of id, kind, by"),
    ('[[rule]]\nkind = "poor_share"', "line 1: id: write lower-case letters"),
    ('[[rule]]\nid = "a"\nkind = "loud"', "line 3: kind: write one of poor_share"),
    (f"{GOOD}min_streams = true", "line 4: min_streams: write an integer from 1"),
    ('[[mute]]\nrule = "b"', "line 2: rule: write one of the rules (there are none)"),
    (f'{GOOD}[[mute]]\ndays = ["monday"]', "line 5: days: write a list of mon, tue"),
    (f'{GOOD}[[mute]]\nfrom = "20:30"', "line 5: from: write a full hour"),
    ("rule = 5", "line 1: rule: write tables that begin with [[rule]]"),
    ("defaults = tru", "not TOML: Invalid value (at line 1, column 12)"),
]


@pytest.mark.parametrize(("text", "said"), WRONG)
def test_what_is_wrong_is_named_by_line_key_and_accepted_values(text, said):
    with pytest.raises(RulesRefused) as refused:
        rules_file.read(text)
    assert refused.value.problems[0].startswith(said)


def test_everything_that_is_wrong_is_named_at_once():
    with pytest.raises(RulesRefused) as refused:
        rules_file.read(f"{GOOD}by = 'floor'\nwarning = 5\n")
    assert len(refused.value.problems) == 2
