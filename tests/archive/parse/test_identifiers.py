"""Every way to write an id, a number or an address has one normal form."""

from sys import getrefcount
from unicodedata import normalize

import pytest

from app.archive.parse.identities import identifiers

GUID = "0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d"
PLAIN = GUID.replace("-", "")
NUMBER = "+41225550146"
ADDRESS = "ada@contoso.example"

SAME = {
    GUID: [
        GUID,
        GUID.upper(),
        PLAIN,
        PLAIN.upper(),
        f"{{{GUID}}}",
        f"({GUID})",
        f" {GUID}\n",
        f"8:orgid:{GUID}",
        f"8:ORGID:{GUID.upper()}",
        f"8:teamsvisitor:{PLAIN}",
        f"28:{GUID}",
        f"28:orgid:{GUID}",
        f"orgid:{{{GUID}}}",
    ],
    NUMBER: [
        NUMBER,
        "41225550146",
        "0041225550146",
        " 41225550146",  # a + that arrived as a blank
        "+41 22 555 01 46",
        "+41 (0)22 555 01 46",
        "0041 (0) 22-555.01/46",
        "+41\u00a022\u00a0555\u00a001\u00a046",
        "\uff0b\uff14\uff11\uff12\uff12\uff15\uff15\uff15\uff10\uff11\uff14\uff16",
        f"4:{NUMBER}",
        f"tel:{NUMBER}",
        f"sip:{NUMBER}@sbc.contoso.example;user=phone",
    ],
    ADDRESS: [ADDRESS, "ADA@Contoso.Example", f"sip:{ADDRESS}", f"mailto:{ADDRESS}", f" {ADDRESS} "],
    "+49155555****": ["+49155555****", "0049155555****", "4:+49155555****", "+49 155 555****"],
    "0225550146": ["0225550146", "022 555 01 46"],  # of which country is not known
    "": [None, "", "  ", "None", "none", "NULL", "null"],
    "1234": ["1234"],  # an extension
    "8:acs:0a1b_2c3d": ["8:acs:0a1b_2c3d", "8:ACS:0a1b_2c3d"],
    "8:live:.cid.abc": ["8:live:.cid.abc"],
    "ada": ["Ada", "ADA"],
    "1234567890123456": ["1234567890123456"],  # longer than any number
}


@pytest.mark.parametrize(("form", "written"), [(form, text) for form, texts in SAME.items() for text in texts])
def test_one_normal_form_for_every_way_to_write_it(form, written):
    assert identifiers.normal(written) == form


@pytest.mark.parametrize("form", [form for form in SAME if form])
def test_the_normal_form_of_a_normal_form_is_itself(form):
    assert identifiers.normal(form) == form


@pytest.mark.parametrize("form", [GUID, NUMBER, ADDRESS, "+49155555****"])
def test_every_written_form_has_the_normal_form_it_was_made_of(form):
    forms = identifiers.written_forms(form)
    assert form in forms
    assert {identifiers.normal(text) for text in forms} == {form}
    assert all(text == identifiers.folded(text) for text in forms)


@pytest.mark.parametrize(
    ("asked", "begins"),
    [
        ("+41*", "+41"),
        ("0041 22*", "+4122"),
        ("41*", "+41"),
        (" 41*", "+41"),
        ("+41", None),
        ("+49155555****", None),
        ("*", None),
        ("ada*", None),
        ("%*", None),
    ],
)
def test_a_prefix_of_numbers_ends_in_one_asterisk(asked, begins):
    assert identifiers.number_prefix(asked) == begins


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        (NUMBER, "phone"),
        ("41225550146", "phone"),
        ("+49155555****", "phone"),
        (f"4:{NUMBER}", "phone"),
        (f"8:orgid:{GUID}", "user"),
        (PLAIN, "guest"),
        (f"8:teamsvisitor:{PLAIN}", "guest"),
        (f"28:{GUID}", "application"),
        (GUID, None),
        (ADDRESS, None),
        ("Ada", None),
    ],
)
def test_the_way_an_id_is_written_tells_whose_it_is(written, kind):
    assert identifiers.kind(written) == kind


@pytest.mark.parametrize("nothing", [None, "", " ", "None", "none", "null"])
def test_the_words_that_programs_write_for_nothing_are_no_name(nothing):
    assert identifiers.said(nothing) is None


@pytest.mark.parametrize("name", ["Ada", "Nona", "Ada None"])
def test_any_other_name_stays_as_it_is(name):
    assert identifiers.said(name) == name


@pytest.mark.parametrize(
    "character", ["o\u0302\u0301", "\u1112\u1161\u11ab", "\u0391\u0313\u0300\u0345", "\ufdfa", "x"]
)
def test_a_long_text_has_the_folded_form_of_all_of_it_cut_after_the_longest_name(character):
    text = character * 1000
    folded = normalize("NFKC", normalize("NFKC", text).casefold())
    assert identifiers.folded(text) == folded[: identifiers.LONGEST]


@pytest.mark.parametrize("function", [identifiers.folded, identifiers.normal, identifiers.contained])
def test_no_cache_holds_a_long_text(function):
    text = "x" * 100_000
    before = getrefcount(text)
    function(text)
    assert getrefcount(text) == before
