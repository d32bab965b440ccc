"""Finds where a text mentions a person: by id, principal name, number or name, however percent-encoded.

Pure. A join link holds its organizer's id as ``%22Oid%22%3a%22…%22``, links inside links encode it once more.
"""

import re
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator
from functools import lru_cache
from urllib.parse import unquote, unquote_plus

from app.archive.parse.identities import identifiers

_GUID = re.compile(
    r"[{(]?([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})[})]?", re.IGNORECASE
)
_NUMBER = re.compile(r"(?:\+|00)?([0-9]{6,}\**)")
_CANDIDATE = re.compile(
    r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}"  # a GUID
    r"|(?:\+|00)?[0-9]{6,15}\**"  # a number
)
# It begins where such characters begin and takes all of them: a long text without an @ is read once.
_LOCAL = r"[\w.!#$&'*+/=?^`{|}~-]"
_ADDRESS = re.compile(rf"(?<!{_LOCAL})({_LOCAL}++)(@[\w-]+(?:\.[\w-]+)*)")
_AFTER_SEPARATORS = re.compile(r"[\w.'+-]+$")  # what follows the last one in /anna@… and =anna@…
_BETWEEN_DIGITS = re.compile(r"(?<=[0-9])[\s().\-/]+(?=[0-9(])")
_DIGITS = re.compile(r"[0-9]+\**")
_NO_DIGITS = bytes(set(range(256)) - set(b"0123456789*"))
_WORD = re.compile(r"\w+")
_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})|\\(.)")
_PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")  # one character, escaped as two

WINDOW = 1 << 20
"""Bytes of a document that are read at once: with everything decoded they take twenty times as much memory."""
OVERLAP = 1 << 16
"""Bytes that a window has in common with the next: more than any id, address or name, however it is encoded."""
SHORTEST = 5  # characters of an id that is looked for inside other texts
DEPTH = 4  # percent-encodings on top of each other

# What stands before and after: an id may follow an encoded quote (%22), whose last digit is no part of it.
_BEFORE = r"(?:(?<![^\W_])|(?<=%[0-9A-Fa-f]{2}))"
_AFTER_ID = r"(?![^\W_]|[-.][^\W_])"
_BETWEEN = r"(?:[\s().\-/+]|%(?:25)*20)*"  # what people write between the digits of a number
_AFTER_NAME = r"(?![^\W_]|-[^\W_])"  # a sentence may end in a name, and the next begin without a blank


def ids(texts: Iterable[str]) -> re.Pattern[str] | None:
    """What matches any of these ids, principal names and telephone numbers inside a text."""
    return _any(tuple(sorted({text for text in texts if len(text) >= SHORTEST})), _id)


def names(texts: Iterable[str]) -> re.Pattern[str] | None:
    """A pattern that matches any of these display names as complete words."""
    return _any(tuple(sorted({text for text in texts if len(text) > 1})), _words)


def plain(raw: bytes) -> Iterator[str]:
    """A document's text, window by window, to be searched with ``in`` for what `forms` gives: folded and decoded."""
    return map(_plain, windows(raw, 0, len(raw)))


def are_in(raw: bytes, sought: Collection[str]) -> bool:
    """Whether a document mentions any of these `forms`: the same as a search in `plain`, in a fraction of its time."""
    return any(_are_in(_decoded(text), sought) for text in windows(raw, 0, len(raw)))


def _are_in(decoded: str, sought: Collection[str]) -> bool:
    if any(form in decoded for form in sought):
        return True
    numbers = [form for form in sought if _DIGITS.fullmatch(form)]
    if not numbers:
        return False
    digits = decoded.encode(errors="surrogatepass").translate(None, _NO_DIGITS)
    return any(form.encode() in digits for form in numbers) and any(form in _squeezed(decoded) for form in numbers)


def windows(raw: bytes, start: int, end: int) -> Iterator[str]:
    """The unescaped text from one place to the other, in pieces that overlap."""
    for begin in range(start, end, WINDOW):
        yield _unescaped(raw[begin : min(begin + WINDOW + OVERLAP, end)])


def _unescaped(raw: bytes) -> str:
    text = raw.decode(errors="replace")
    if "\\" not in text:
        return text
    text = _ESCAPED.sub(lambda m: chr(int(m[1], 16)) if m[1] else m[2], text)
    return _PAIR.sub(lambda m: m[0].encode("utf-16", "surrogatepass").decode("utf-16"), text)


def _plain(text: str) -> str:
    whole = _decoded(text)
    return f"{whole}\n{_squeezed(whole)}"


def _decoded(text: str) -> str:
    """Folded, with whatever is percent-encoded also decoded."""
    found = [text]
    encoded = "\n".join(_encoded_parts(text))  # to decode all takes far longer
    for _ in range(DEPTH):
        if "%" not in encoded:
            break
        found.append(unquote_plus(encoded))
        encoded = unquote(encoded)
    return "\n".join(found).casefold()


def _encoded_parts(text: str) -> Iterator[str]:
    """What stands between two quotes and has something percent-encoded."""
    end = 0
    while (found := text.find("%", end)) >= 0:
        begin, end = text.rfind('"', 0, found) + 1, text.find('"', found)
        if end < 0:
            end = len(text)
        yield text[begin:end]


def candidates(text: str) -> set[str]:
    """Whatever may be an id, a number or an address in what `plain` gives."""
    found = set(_CANDIDATE.findall(text))
    for local, host in _ADDRESS.findall(text):
        found.add(local + host)
        if separated := _AFTER_SEPARATORS.search(local):
            found.add(separated[0] + host)
    return found


def words(name: str) -> list[str]:
    """Folded, without what stands between them."""
    return _WORD.findall(identifiers.folded(name))


def phrases(text: str, most: int) -> Iterator[str]:
    """Every sequence of at most ``most`` words of a text, as it stands there."""
    decoded = unquote_plus(text) if "%" in text else text
    begins: deque[int] = deque(maxlen=most)
    for last in _WORD.finditer(decoded):
        begins.append(last.start())
        for begin in begins:
            yield decoded[begin : last.end()]


def _squeezed(text: str) -> str:
    """Numbers without what people write between digits."""
    return _BETWEEN_DIGITS.sub("", text)


def forms(text: str) -> set[str]:
    """The texts of which one is in `plain` of whatever mentions this one."""
    folded = text.strip().casefold()
    if guid := _GUID.fullmatch(folded):
        return {"-".join(guid.groups()), "".join(guid.groups())}
    if number := _NUMBER.fullmatch(folded):
        return {number[1]}
    return {folded}


@lru_cache(maxsize=256)
def _any(texts: tuple[str, ...], pattern: Callable[[str], str]) -> re.Pattern[str] | None:
    if not texts:
        return None
    return re.compile("|".join(pattern(text) for text in sorted(texts, key=len, reverse=True)), re.IGNORECASE)


def _id(text: str) -> str:
    if guid := _GUID.fullmatch(text):
        return f"(?:{_encoded('-')})?".join(_encoded(part) for part in guid.groups())
    if number := _NUMBER.fullmatch(text):
        digits = _BETWEEN.join(map(_encoded, number[1]))
        return rf"(?:{_encoded('+')}|{_BEFORE}(?:00{_BETWEEN})?){digits}(?![0-9])"
    return f"{_BEFORE}{_encoded(text)}{_AFTER_ID}"


def _words(text: str) -> str:
    return f"{_BEFORE}{_encoded(text)}{_AFTER_NAME}"


def _encoded(text: str) -> str:
    """Each character as it is, or as the percent-encoded bytes of its small or large form."""
    return "".join(_character(character) for character in text)


@lru_cache(maxsize=1024)
def _character(character: str) -> str:
    written = {character, character.lower(), character.upper()}
    encoded = {"".join(rf"%(?:25)*{byte:02x}" for byte in form.encode(errors="replace")) for form in written}
    literal = {re.escape(form) for form in written} | ({r"\+", r"\s"} if character == " " else set())
    return f"(?:{'|'.join(sorted(literal | encoded))})"
