import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.graph.transport.links import Links, comparable, is_whole_list, origin

GRAPH = Links("https://graph.microsoft.com/v1.0", "communications/callRecords")
BELOW = "https://graph.microsoft.com/v1.0/communications/callRecords"


@pytest.mark.parametrize(
    "link",
    [
        f"{BELOW}/1/sessions?$expand=segments&$skiptoken=abc",
        f"{BELOW}?$filter=startDateTime%20ge%202026-01-01T00:00:00Z&$skiptoken=%2F%2e%2e",
        f"{BELOW}('1')/sessions?$skiptoken=abc",
        "https://GRAPH.microsoft.com:443/v1.0/communications/callrecords/1/participants_v2?$skiptoken=a",
    ],
)
def test_a_link_below_the_collection_is_followed_as_it_is(link):
    assert GRAPH.follow(link) == link


@pytest.mark.parametrize(
    "link",
    [
        "https://graph.microsoft.com@evil.example/v1.0/communications/callRecords/1",
        "https://user:word@graph.microsoft.com/v1.0/communications/callRecords/1",
        "https://graph.microsoft.com.evil.example/v1.0/communications/callRecords/1",
        "https://evilgraph.microsoft.com/v1.0/communications/callRecords/1",
        "https://graph.microsoft.com./v1.0/communications/callRecords/1",
        "https://graph.microsoft.com:444/v1.0/communications/callRecords/1",
        "https://graph.microsoft.com:x/v1.0/communications/callRecords/1",
        "https://graph.microsoft.com:99999/v1.0/communications/callRecords/1",
        "https://graph.mic\u0433osoft.com/v1.0/communications/callRecords/1",
        "https://graph\uff0emicrosoft.com/v1.0/communications/callRecords/1",
        "https://graph.microsoft.com\\@evil.example/v1.0/communications/callRecords/1",
        "https:\\\\graph.microsoft.com/v1.0/communications/callRecords/1",
        "https://graph.microsoft.com%2eevil.example/v1.0/communications/callRecords/1",
        "https://[::1/v1.0/communications/callRecords/1",
        "https:///v1.0/communications/callRecords/1",
        "https:/v1.0/communications/callRecords/1",
        "//evil.example/v1.0/communications/callRecords/1",
        "/v1.0/communications/callRecords/1",
        "http://graph.microsoft.com/v1.0/communications/callRecords/1",
        "ftp://graph.microsoft.com/v1.0/communications/callRecords/1",
        f"{BELOW}/../../users",
        f"{BELOW}/%2e%2e/%2e%2e/users",
        f"{BELOW}/%252e%252e/users",
        f"{BELOW}/..%2f..%2fusers",
        f"{BELOW}/..%5cusers",
        f"{BELOW}/1/./sessions",
        f"{BELOW}//evil.example",
        f"{BELOW}Secrets/1",
        f"{BELOW}/1\n/sessions",
        f"{BELOW}/1#sessions",
        "https://graph.microsoft.com/beta/communications/callRecords/1",
        "https://graph.microsoft.com/v1.0/users",
        "https://graph.microsoft.com/v1.0/$metadata",
        "https://graph.microsoft.com/v1.0/$metadata#users('1')",
        "https://graph.microsoft.com/v1.0/$metadata#communications/callRecords/../../users",
        "https://graph.microsoft.com/v1.0/$metadata#https://evil.example/v1.0/communications/callRecords",
        "",
        None,
        7,
        [BELOW],
    ],
)
def test_any_other_link_is_not(link):
    assert GRAPH.follow(link) is None


@pytest.mark.parametrize("before", ["https://graph.microsoft.com/v1.0/$metadata", "https://evil.example/%24metadata"])
def test_a_metadata_link_is_mended_onto_our_own_host(before):
    link = f"{before}#communications/callRecords('1')/sessions?$expand=segments&$skiptoken=abc"
    assert GRAPH.follow(link) == f"{BELOW}/1/sessions?$expand=segments&$skiptoken=abc"


def test_plain_http_and_its_port_compare_like_with_like():
    local = Links("http://127.0.0.1:9000/v1.0", "communications/callRecords")
    link = "http://127.0.0.1:9000/v1.0/communications/callRecords/1/sessions?$skiptoken=a"
    assert local.follow(link) == link
    assert local.follow(link.replace("http:", "https:")) is None
    assert local.follow(link.replace("127.0.0.1", "localhost")) is None


def test_a_root_below_a_path_keeps_links_below_it():
    proxied = Links("https://gateway.example/graph/v1.0", "communications/callRecords")
    assert proxied.follow("https://gateway.example/graph/v1.0/communications/callRecords/1?$skiptoken=a")
    assert proxied.follow("https://gateway.example/v1.0/communications/callRecords/1?$skiptoken=a") is None


@pytest.mark.parametrize(
    ("query", "whole"),
    [
        ("", True),
        ("?$expand=segments", True),
        ("?%24expand=segments", True),
        ("?$expand=segments&$skiptoken=a", False),
        ("?page=2", False),
    ],
)
def test_a_link_without_a_position_is_the_whole_list(query, whole):
    assert is_whole_list(f"{BELOW}/1/sessions{query}") is whole


def test_two_spellings_of_a_link_are_one_place():
    assert comparable(f"{BELOW}/1?%24skiptoken=a") == comparable(
        f"{BELOW.upper().replace('HTTPS', 'https')}/1?$skiptoken=a"
    )
    assert comparable(f"{BELOW}/1?$skiptoken=a") != comparable(f"{BELOW}/1?$skiptoken=A")


@given(
    st.one_of(
        st.text(),
        st.builds(lambda middle: f"https://graph.microsoft.com{middle}/v1.0/communications/callRecords", st.text()),
    )
)
def test_no_text_leads_to_another_host(link):
    followed = GRAPH.follow(link)
    assert followed is None or origin(followed) == ("https", "graph.microsoft.com", 443)
