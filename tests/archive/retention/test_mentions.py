"""A person is found however a text writes them, and nobody else is."""

import json
from urllib.parse import quote

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.archive.documents import json_text
from app.archive.documents.json_text import Edit, List, Object, Pieces, Text, edited, located, replacing
from app.archive.erasure import mentions
from tests.archive.retention.archived_calls import DOE, NAME, UPN

NUMBER = "+4930123456"
IDS = mentions.ids([DOE, UPN, NUMBER])
NAMES = mentions.names([NAME, "Özil Ü"])


def is_in_plain(form, raw):
    return any(form in text for text in mentions.plain(raw))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"%7b%22Oid%22%3a%22{DOE}%22%7d", True),
        (f"8:orgid:{DOE.upper()}", True),
        (DOE.replace("-", ""), True),
        (f"{{{DOE}}}", True),
        ("to%3djohn.doe%40contoso.com", True),
        ("%22john.doe@contoso.com%22", True),
        ("John.Doe@Contoso.com.", True),
        ("sip:+4930123456;user=phone", True),
        ("tel:4930123456", True),
        ("%2B4930123456", True),
        ("ajohn.doe@contoso.com", False),
        ("john.doe@contoso.com.au", False),
        ("14930123456", False),
        ("+49301234567", False),
        (DOE[:-1], False),
    ],
)
def test_ids_are_found_in_any_writing_and_not_within_others(text, found):
    assert bool(IDS.search(text)) == found
    if found:
        assert any(is_in_plain(form, text.encode()) for each in (DOE, UPN, NUMBER) for form in mentions.forms(each))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ask john doe!", True),
        ("by John+Doe", True),
        ("John%20DOE's", True),
        ("It was John Doe.Then it rang", True),
        ("%C3%B6zil ü", True),
        ("ÖZIL Ü", True),
        ("Johnny Doe", False),
        ("John Doerner", False),
        ("John Doe-Smith", False),
    ],
)
def test_names_are_found_as_whole_words(text, found):
    assert bool(NAMES.search(text)) == found


def written(draw_from):
    """One character, as it is or percent-encoded one or several times, in small or large."""
    character, times, large = draw_from
    character = character.upper() if large else character
    if not times:
        return character
    return "".join("%" + "25" * (times - 1) + f"{byte:02X}" for byte in character.encode())


@given(st.data())
def test_any_mix_of_encodings_of_an_id_is_found_by_pattern_and_by_search(data):
    depth = data.draw(st.integers(1, 3))
    each = st.tuples(st.sampled_from([0, depth]), st.booleans())
    text = "x=" + "".join(written((character, *data.draw(each))) for character in DOE) + "&y"
    assert IDS.sub("", text) == "x=&y"
    assert is_in_plain(DOE, orjson.dumps([text]))


@given(st.text())
def test_a_document_is_searched_as_its_texts_read(name):
    raw = json.dumps({"text": f"<{DOE}> {name}"}).encode()
    assert is_in_plain(DOE, raw)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


def as_read(node):
    if isinstance(node, Object):
        return {name.value: as_read(value) for name, value in node.members}
    if isinstance(node, List):
        return [as_read(item) for item in node.items]
    return node.value if isinstance(node, Text) else None


def texts_only(value):
    if isinstance(value, dict):
        return {name: texts_only(item) for name, item in value.items()}
    if isinstance(value, list):
        return [texts_only(item) for item in value]
    return value if isinstance(value, str) else None


@given(JSON, st.booleans(), st.sampled_from([None, 1, "\t"]))
def test_located_json_reads_as_json_does(value, ascii_only, indent):
    raw = json.dumps(value, ensure_ascii=ascii_only, indent=indent).encode(errors="surrogatepass")
    assert as_read(located(raw)) == texts_only(json.loads(raw))


@given(st.lists(st.text()))
def test_replacing_every_text_by_itself_changes_no_meaning(texts):
    raw = json.dumps(texts, indent=1).encode()
    node = located(raw)
    assert json.loads(edited(raw, [replacing(text, text.value) for text in node.items])) == texts


def test_of_two_edits_at_one_place_the_first_counts():
    assert edited(b"[1,2]", [Edit(1, 2, b"a"), Edit(1, 2, b"b"), Edit(3, 4, b"c")]) == b"[a,c]"


def test_a_percent_encoded_quote_is_no_part_of_what_follows():
    assert mentions.ids([UPN]).sub("X", quote(f'"{UPN}"')) == "%22X%22"


@given(st.text(max_size=40), st.integers(0, 30), st.sampled_from([DOE, UPN, "Zoë 😀"]), st.booleans())
def test_a_text_is_found_wherever_a_window_of_the_document_ends(before, length, wanted, ascii_only):
    raw = json.dumps([before + "x" * length, quote(wanted), wanted], ensure_ascii=ascii_only).encode(
        errors="surrogatepass"
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mentions, "WINDOW", 16)
        patch.setattr(mentions, "OVERLAP", 200)
        assert any(is_in_plain(form, raw) for form in mentions.forms(wanted))


@pytest.mark.parametrize("text", [UPN, f"mailto:{UPN}", f"https://x/{UPN}", f"a={UPN}&b", f"<{UPN}>"])
def test_an_address_is_a_candidate_whatever_stands_before_it(text):
    assert UPN in mentions.candidates(text)
    assert "4912345678@contoso.com" in mentions.candidates("sip:4912345678@contoso.com")


@given(st.data())
def test_a_document_in_pieces_has_the_same_texts_in_the_same_places(data):
    lists = {"sessions": data.draw(st.lists(JSON, max_size=3)), "participants_v2": data.draw(JSON)}
    others = data.draw(st.dictionaries(st.text(), JSON, max_size=3))
    raw = json.dumps({**others, **lists, "sessions2": [{}]}, ensure_ascii=False).encode(errors="surrogatepass")
    whole = sorted(texts_of(located(raw)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_text, "LARGE", 0)
        pieces = [text for piece in Pieces(raw, frozenset(lists)) for text in texts_of(piece)]
    assert sorted(text for text in pieces if text.start >= 0) == whole


def texts_of(node):
    if isinstance(node, Object):
        return [text for name, value in node.members for text in (name, *texts_of(value))]
    if isinstance(node, List):
        return [text for item in node.items for text in texts_of(item)]
    return [node] if isinstance(node, Text) else []
