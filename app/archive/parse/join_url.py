"""The key of a meeting's join URL: equal for every way to write the URL. Pure.

Graph, mail programs and browsers escape one URL differently (``19%3ameeting…%40thread.v2``, ``19:meeting…@thread.v2``,
``%7b%22Tid%22…``), and order its query as they like. A restarted meeting has the same URL in several call records.
"""

import re
from hashlib import sha256
from typing import Any
from urllib.parse import unquote

import orjson

_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:/*", re.IGNORECASE)
_STARTS_LIKE_A_URL = re.compile(r"\s*(?:(?:https?|msteams):/|teams\.[a-z]+\.[a-z]+/)", re.IGNORECASE)
_DEPTH = 3  # times that a URL was escaped within another one
_SIZE = 16  # bytes of the digest; a URL may be longer than an index takes


def key(url: str | None) -> str | None:
    """32 hexadecimal digits, the same for all forms of one URL; None of an empty text."""
    if url is None or not url.strip():
        return None
    return sha256(_normal(url.strip()).encode()).hexdigest()[: 2 * _SIZE]


def looks_like_one(text: str) -> bool:
    """Whether someone who types this looks for a meeting by its URL, and not for a name or an address."""
    return bool(_STARTS_LIKE_A_URL.match(_unescaped(text)))


def _normal(url: str) -> str:
    if "?" not in url and "://" not in url:  # escaped completely, as the value of another URL's parameter
        url = _unescaped_once_readable(url)
    rest, _, query = _SCHEME.sub("", url, count=1).partition("#")[0].partition("?")
    host, _, path = rest.partition("/")
    pairs = sorted(_pair(part) for part in query.split("&") if part)
    return orjson.dumps([_text(host.lower()), _text(_unescaped(path).rstrip("/")), pairs]).decode()


def _unescaped_once_readable(url: str) -> str:
    for _ in range(_DEPTH):
        if "://" in url:
            break
        url = unquote(url)
    return url


def _unescaped(text: str) -> str:
    """Without percent-encoding, also where what was encoded was encoded again."""
    for _ in range(_DEPTH):
        text, before = unquote(text), text
        if text == before:
            break
    return text


def _pair(part: str) -> list[str]:
    name, _, value = part.partition("=")
    return [_text(_unescaped(name)), _canonical(_unescaped(value))]


def _canonical(value: str) -> str:
    """A JSON object, as ``context`` is one, without blanks and with its members in order."""
    if value.startswith("{"):
        try:
            found: Any = orjson.loads(value.replace("+", " "))  # a form writes a blank so
            return orjson.dumps(found, option=orjson.OPT_SORT_KEYS).decode()
        except ValueError:
            pass
    return _text(value)


def _text(text: str) -> str:
    """Half a surrogate pair, which JSON of Graph may hold, has no UTF-8 form."""
    return text.encode("utf-8", "backslashreplace").decode()
