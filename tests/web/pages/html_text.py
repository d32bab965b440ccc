"""The text of a page: rows and links of its tables, without markup."""

import re
from html import unescape
from html.parser import HTMLParser


class _Rows(HTMLParser):
    def __init__(self):
        super().__init__()
        self.rows, self._cell, self._links = [], None, []

    def handle_starttag(self, tag, attributes):
        if tag == "tr":
            self.rows.append(([], []))
        elif tag in {"td", "th"}:
            self._cell = ""
        elif tag == "a" and self.rows:
            self.rows[-1][1].append(dict(attributes).get("href"))

    def handle_data(self, text):
        if self._cell is not None:
            self._cell += text

    def handle_endtag(self, tag):
        if tag in {"td", "th"} and self.rows and self._cell is not None:
            self.rows[-1][0].append(" ".join(self._cell.split()))
            self._cell = None


def rows(html):
    """(cells, links) of every row of every table."""
    parser = _Rows()
    parser.feed(html)
    return parser.rows


def section(html, ident):
    """The part of a page whose heading has that id, up to the end of its section."""
    start = html.index(f'id="{ident}"')
    return html[start : html.index("</section>", start)]


def words(html):
    """The visible text, in one line."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split())
