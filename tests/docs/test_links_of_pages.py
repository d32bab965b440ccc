"""Links lead somewhere, every page is found from README.md, and none knows the machine it was written on."""

import re
from posixpath import dirname, join, normpath
from urllib.parse import unquote

import pytest

from tests.docs import pages


def inner_links(page):
    """The links within the project: (path from its root, anchor)."""
    for link in pages.links(page):
        if not link.startswith(("http://", "https://", "mailto:")):
            path, _, anchor = unquote(link).partition("#")
            yield (normpath(join(dirname(page), path)) if path else page), anchor


@pytest.mark.parametrize("page", pages.names())
def test_links_within_the_project_lead_to_something(page):
    dead = [path for path, _ in inner_links(page) if not (pages.ROOT / path).exists()]
    assert dead == []


@pytest.mark.parametrize("page", pages.names())
def test_anchors_are_headings_of_their_page(page):
    named = [(path, anchor) for path, anchor in inner_links(page) if anchor and path.endswith(".md")]
    assert [link for link in named if link[1] not in pages.anchors(link[0])] == []


def test_every_page_is_reached_from_the_readme():
    reached, ahead = set(), ["README.md"]
    while ahead:
        page = ahead.pop()
        reached.add(page)
        ahead += [path for path, _ in inner_links(page) if path in pages.names() and path not in reached]
    assert set(pages.names()) - reached == set()


def test_the_readme_lists_every_page_of_the_folder_itself():
    listed = {path for path, _ in inner_links("README.md")}
    assert {page for page in pages.names() if page.startswith("docs/")} - listed == set()


@pytest.mark.parametrize("page", pages.names())
def test_no_page_knows_the_machine_it_was_written_on(page):
    found = re.findall(r"/(?:home|Users|root)/\w+", pages.text(page))
    checkout = str(pages.ROOT)
    assert found == []
    assert checkout not in pages.text(page) or checkout.count("/") == 1  # /app is also a place in the image
