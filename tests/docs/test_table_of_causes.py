"""docs/diagnosis.md has the table of causes as the rules have it, and every code is in it once."""

from app.archive.diagnosis import documentation
from app.archive.diagnosis.rules import table, unexplained
from tests.docs import pages

TEXT = pages.text("docs/diagnosis.md")


def test_the_tables_are_those_of_the_rules():
    for made in (documentation.network(), documentation.devices(), documentation.others()):
        assert made in TEXT, "python -m app.archive.diagnosis.documentation"


def test_a_code_has_one_meaning():
    causes = (*table.NETWORK, *table.DEVICE, *unexplained.CAUSES)
    assert len({one.code for one in causes}) == len({(one.code, one.text, one.advice) for one in causes})
