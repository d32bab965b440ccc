"""Why nobody came in, in words: a table."""

import pytest

from app.graph.auth import sign_in_errors
from app.graph.auth.sign_in_errors import code_of, said


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("AADSTS50105: The signed in user 'Ada' is not assigned", "AADSTS50105"),
        ("x AADSTS7000215: y AADSTS1", "AADSTS7000215"),
        ("AADSTS", None),
        ("AADSTS1", None),
        ("AADSTS999999999999", None),
        ("", None),
    ],
)
def test_the_number_is_found(text, code):
    assert code_of(text) == code


@pytest.mark.parametrize("code", sorted(sign_in_errors._PEOPLE))
def test_each_number_has_words_that_say_what_to_do(code):
    assert said(code).startswith("Entra ID refused the sign-in: ")
    assert said(code).endswith(f"({code}).")


@pytest.mark.parametrize(
    ("code", "error", "words"),
    [
        ("AADSTS7000222", "", "Administrator: the client secret has expired"),
        ("AADSTS123456", "", "(AADSTS123456)"),
        (None, "access_denied", "permissions were not accepted"),
        (None, "server_error", "Try again in a minute"),
        (None, "", "Try again in a minute"),
    ],
)
def test_an_error_without_a_number_of_ours_has_words_too(code, error, words):
    assert words in said(code, error)
