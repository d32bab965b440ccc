"""Links lead somewhere, every page is found from README.md, and none knows the machine it was written on."""

import re
from posixpath import dirname, join, normpath
from urllib.parse import unquote

from tests.docs import pages
from tests.some import some


def inner_links(page):
    """The links within the project: (path from its root, anchor)."""
    for link in pages.links(page):
        if not link.startswith(("http://", "https://", "mailto:")):
            path, _, anchor = unquote(link).partition("#")
            yield (normpath(join(dirname(page), path)) if path else page), anchor


def test_links_within_the_project_lead_to_something():
    linked = [(page, path) for page in pages.names() for path, _ in inner_links(page)]
    assert len(linked) > 50
    assert [(page, path) for page, path in linked if not (pages.ROOT / path).exists()] == []


def test_anchors_are_headings_of_their_page():
    linked = [(page, *link) for page in pages.names() for link in inner_links(page)]
    named = [(page, path, anchor) for page, path, anchor in linked if anchor and path.endswith(".md")]
    assert named
    assert [(page, path, anchor) for page, path, anchor in named if anchor not in pages.anchors(path)] == []


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


def test_no_page_knows_the_machine_it_was_written_on():
    checkout = str(pages.ROOT)
    for page in some(pages.names()):
        assert re.findall(r"/(?:home|Users|root)/\w+", pages.text(page)) == [], page
        assert checkout not in pages.text(page) or checkout.count("/") == 1, page  # /app is also a path in the image
