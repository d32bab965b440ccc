"""One meeting's join URL has one key, however it is written."""

from urllib.parse import quote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.archive.parse.join_url import key, looks_like_one

TID, OID = "aaaaaaaa-0000-4000-8000-000000000001", "00000050-1111-4222-8333-444444444444"
LOWER = (
    "https://teams.microsoft.com/l/meetup-join/19%3ameeting_MGU5Mjk3%40thread.v2/0"
    f"?context=%7b%22Tid%22%3a%22{TID}%22%2c%22Oid%22%3a%22{OID}%22%7d"
)
PLAIN = (
    f'https://teams.microsoft.com/l/meetup-join/19:meeting_MGU5Mjk3@thread.v2/0?context={{"Tid":"{TID}","Oid":"{OID}"}}'
)
SHORT = "https://teams.microsoft.com/meet/2234567890123?p=AbCdEf"


@pytest.mark.parametrize(
    ("url", "same_as"),
    [
        (LOWER.replace("%3a", "%3A").replace("%7b", "%7B").replace("%2c", "%2C").replace("%7d", "%7D"), LOWER),
        (PLAIN, LOWER),
        (PLAIN.replace(":meeting", "%3ameeting"), LOWER),
        (quote(PLAIN, safe=":/?="), LOWER),
        (quote(PLAIN, safe=""), LOWER),
        (quote(quote(PLAIN, safe=""), safe=""), LOWER),
        (LOWER.replace("%", "%25"), LOWER),
        (f"  {LOWER}\n", LOWER),
        (LOWER.replace("https://teams.microsoft", "HTTPS://Teams.Microsoft"), LOWER),
        (LOWER.replace("https:", "msteams:"), LOWER),
        (LOWER.removeprefix("https://"), LOWER),
        (f"{LOWER}#top", LOWER),
        (LOWER.replace("/0?", "/0/?"), LOWER),
        (PLAIN.replace(f'"Tid":"{TID}","Oid":"{OID}"', f'"Oid":"{OID}","Tid":"{TID}"'), LOWER),
        (PLAIN.replace('","Oid', '", "Oid'), LOWER),
        (PLAIN.replace('","Oid', '",+"Oid'), LOWER),
        (f"{LOWER}&anon=true&x=%41", LOWER.replace("?", "?x=A&anon=true&")),
        ("https://teams.microsoft.com/meet/2234567890123?p=%41bCdEf", SHORT),
    ],
)
def test_forms_of_one_url_have_one_key(url, same_as):
    assert key(url) == key(same_as)


@pytest.mark.parametrize(
    ("url", "other"),
    [
        (LOWER, LOWER.replace("MGU5Mjk3", "MGU5Mjk4")),
        (LOWER, LOWER.replace("MGU5Mjk3", "mgu5mjk3")),  # the thread's name is Base64, where letter case counts
        (LOWER, LOWER.replace("/0?", "/1?")),
        (LOWER, LOWER.replace("000000000001", "000000000002")),
        (SHORT, SHORT.replace("123?", "124?")),
        (SHORT, SHORT.replace("AbCdEf", "abcdef")),
        (SHORT, SHORT.replace("teams.microsoft.com", "teams.live.com")),
        ("https://x.example/?a=1&b=2", "https://x.example/?a=1%26b=2"),
        ("https://x.example/?a=1", "https://x.example/a=1"),
    ],
)
def test_different_urls_have_different_keys(url, other):
    assert key(url) != key(other)


@pytest.mark.parametrize("url", [None, "", " \t"])
def test_no_url_has_no_key(url):
    assert key(url) is None


@given(st.text())
@example("https://[")
@example("\ud83d")
@example("%ud83d%")
@example("?context={" + "[" * 2000)
def test_any_text_has_a_key_of_one_length(text):
    found = key(text)
    assert found is None if not text.strip() else len(found) == 32


@pytest.mark.parametrize(
    "text", [LOWER, PLAIN, SHORT, quote(LOWER, safe=""), SHORT.removeprefix("https://"), " http://x"]
)
def test_what_looks_like_a_url(text):
    assert looks_like_one(text)


@pytest.mark.parametrize(
    "text", ["", "ada", "ada@contoso.com", "+41 22 555 01 46", "https", "Teams. Microsoft", "a://"]
)
def test_what_does_not(text):
    assert not looks_like_one(text)
