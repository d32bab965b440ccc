"""Decides which of Graph's links may be followed, and repairs the broken ones; pure.

A link is opaque and followed as it is (https://learn.microsoft.com/graph/paging), but the request contains our token:
so the link has to stay on Graph's own host and below its collection.
"""

import re
from dataclasses import dataclass
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

_PORTS = {"http": 80, "https": 443}
_PLAIN_AUTHORITY = re.compile(r"[A-Za-z0-9.\-]+(?::\d+)?|\[[0-9A-Fa-f:.]+\](?::\d+)?")
_UNSAFE = re.compile(r"[\x00-\x1f\x7f\\]")
_SEGMENT = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*")
_KEY_IN_BRACKETS = re.compile(r"\('([^'()]*)'\)")
# A link with only these is the collection itself, from its start.
_NOT_A_POSITION = frozenset({"$expand", "$select", "$top"})

Origin = tuple[str, str, int]


def origin(url: str) -> Origin | None:
    """Scheme, host and port of a plain absolute http(s) URL; None for ambiguous ones."""
    parts = _split(url)
    return None if parts is None else _origin(parts)


@dataclass(frozen=True, slots=True)
class Links:
    """The links below one collection, e.g. `https://graph.microsoft.com/v1.0` and `communications/callRecords`."""

    base: str
    collection: str

    def follow(self, link: object) -> str | None:
        """The URL to request for this link; None where it must not be followed."""
        if not isinstance(link, str):
            return None
        link = link.strip()
        return self._repaired(link) if _is_documentation_form(link) else self._verbatim(link)

    def _repaired(self, link: str) -> str | None:
        # The documentation shows https://graph…/v1.0/$metadata#communications/callRecords('id')/sessions?…:
        # a context URL instead of a link. Unchanged, it would fetch the complete metadata document.
        # https://learn.microsoft.com/graph/api/callrecords-callrecord-get
        fragment = _KEY_IN_BRACKETS.sub(r"/\1", link.partition("#")[2])
        return self._verbatim(f"{self.base}/{fragment.lstrip('/')}")

    def _verbatim(self, link: str) -> str | None:
        parts = _split(link)
        if parts is None or _origin(parts) != origin(self.base) or parts.fragment:
            return None
        return link if self._is_below(parts.path) else None

    def _is_below(self, path: str) -> bool:
        collection = f"{urlsplit(self.base).path}/{self.collection}".lower()
        path = unquote(path).lower()
        if "%" in path or "\\" in path or "//" in path or {".", ".."} & set(path.split("/")):
            return False
        return path.startswith(collection) and path[len(collection) :][:1] in {"", "/", "("}


def is_whole_list(url: str) -> bool:
    """Whether the link names a collection from its start and no position in it, as one documented sample does."""
    query = parse_qsl(urlsplit(url).query, keep_blank_values=True)
    return all(key.lower() in _NOT_A_POSITION for key, _ in query)


def comparable(url: str) -> tuple[str, str]:
    """Equal for two spellings of one link, so that a repeated link is recognised."""
    parts = urlsplit(url)
    return unquote(parts.path).lower(), unquote(parts.query)


def segment(name: str) -> str:
    """An id as one segment of a path; ValueError if it contains other characters."""
    if not _SEGMENT.fullmatch(name):
        raise ValueError("an id at Graph contains only letters, digits, dots, hyphens and underscores")
    return name


def _is_documentation_form(link: str) -> bool:
    before, hash_sign, _ = link.partition("#")
    return bool(hash_sign) and unquote(before).rstrip("/").lower().endswith("/$metadata")


def _split(url: str) -> SplitResult | None:
    if _UNSAFE.search(url):
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return parts if parts.scheme in _PORTS and _PLAIN_AUTHORITY.fullmatch(parts.netloc) else None


def _origin(parts: SplitResult) -> Origin | None:
    try:
        return parts.scheme, parts.hostname or "", parts.port or _PORTS[parts.scheme]
    except ValueError:
        return None
