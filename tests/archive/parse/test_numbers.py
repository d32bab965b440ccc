"""One telephone number, however somebody writes it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.archive.parse.numbers import Number, asked

GENEVA = Number("41225550146", is_prefix=False, is_national=False)


@pytest.mark.parametrize(
    "text",
    [
        "+41225550146",
        "+41 22 555 01 46",
        "0041225550146",
        "00 41 22 555 01 46",
        "41225550146",
        " 41225550146",
        "+41 (0)22 555-01-46",
        "+41.22.555.01.46",
        "+41/22/5550146",
        "+41 22\u2013555\u00a001 46\n",
    ],
)
def test_forms_of_one_number(text):
    assert asked(text) == GENEVA
    assert {"+41225550146", "41225550146", "0041225550146"} <= set(GENEVA.forms())


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("+4*", Number("4", is_prefix=True, is_national=False)),
        ("+412*", Number("412", is_prefix=True, is_national=False)),
        ("00412*", Number("412", is_prefix=True, is_national=False)),
        (" 4122 55*", Number("412255", is_prefix=True, is_national=False)),
        ("+49155555****", Number("49155555****", is_prefix=False, is_national=False)),
        ("0049155555**", Number("49155555**", is_prefix=False, is_national=False)),
        ("022 555 01 46", Number("225550146", is_prefix=False, is_national=True)),
        ("911", Number("911", is_prefix=False, is_national=False)),
    ],
)
def test_other_questions(text, found):
    assert asked(text) == found


@pytest.mark.parametrize(
    "text", ["", "*", "+", "+*", "12", "4**", "Ada", "+41 22 x", "4%", "41_225550146", "+٤١٢٢٥", "1" * 16]
)
def test_what_is_no_number(text):
    assert asked(text) is None


@given(st.text())
def test_any_text_is_a_number_or_not(text):
    found = asked(text)
    assert found is None or found.digits.rstrip("*").isdigit()
