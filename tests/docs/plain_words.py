"""The words that CONTRIBUTING.md's writing guide replaces, and where a text has one of them."""

import re
from dataclasses import dataclass

# What to write instead, and the words: parts of a regular expression, matched as complete words in any case.
WORDS = {
    "fix": "mend(?:s|ed|ing)?",
    "failed, or missing": "(?:could not|cannot|to) be had",
    "automatically": "by (?:it|him|her|one)self|by themselves",
    "anyone who, or name the person": "who(?:m)?ever",
    "no user, no process, or an administrator": "nobody|somebody",
    "notify, say, show or report": "tells?|told|telling",
    "devices and networks": "held with",
    "stored, claimed, or throttled until": "held",
    "current": "in force",
    "complete, or entire": "whole",
    "stored, or archived": "kept",
    "trusted, or accepted": "believe[sd]?",
    "continue": "go(?:es)? on|went on|going on",
    "again": "anew",
    "permanently": "for good",
    "recovered, or found by a sweep": "ma[dk]es? (?:them |it )?good",
    "end, or complete": "com(?:e|es|ing) to (?:its|their|an) end|came to (?:its|their|an) end",
    "check, or renew": "look(?:s|ed|ing)? after",
    "instead of": "in the place of",
    "webhook": "doors?",
    "access control": "gates?",
    "folder, or module": "houses?|rooms?",
    "unknown caller, or forged": "strangers?|knock(?:s|ed|ing)?",
    "dimension": "facets?|traits?",
    "daily counts": "tally|tallies",
}
_EACH = {instead: re.compile(rf"(?<![\w-])(?:{words})(?![\w-])", re.IGNORECASE) for instead, words in WORDS.items()}
# Graph's and Microsoft's own names that contain one of them.
_NAMES = re.compile(r"Front Door|Teams Rooms?|(?:meeting|conference) rooms?|rooms? systems?", re.IGNORECASE)


@dataclass(frozen=True)
class Found:
    """One word to replace."""

    line: int
    word: str
    instead: str


def find(text, first_line=1):
    """Every word of the list in a text, the longest where one contains another; lines count from ``first_line``."""
    text = _NAMES.sub(lambda name: " " * len(name[0]), text)
    matches = [(match.span(), instead) for instead, each in _EACH.items() for match in each.finditer(text)]
    spans = [span for span, _ in matches]
    return [
        Found(first_line + text.count("\n", 0, span[0]), text[slice(*span)], instead)
        for span, instead in sorted(matches)
        if not any(span != other and other[0] <= span[0] and span[1] <= other[1] for other in spans)
    ]
