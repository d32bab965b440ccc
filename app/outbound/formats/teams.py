"""An Adaptive Card for the trigger *When a Teams webhook request is received* of Teams Workflows. Pure.

https://learn.microsoft.com/connectors/teams/#microsoft-teams-webhook
"""

from typing import Any

import orjson

from app.outbound.formats import words
from app.outbound.formats.message import Message

MOST_BYTES = 28_000  # of a message in Teams
_COLORS = {"critical": "Attention", "warning": "Warning"}
_LONGEST = 500  # characters of a value


def body(message: Message) -> bytes:
    facts = [{"title": name, "value": value[:_LONGEST]} for name, value in words.facts(message)]
    while len(written := orjson.dumps(_message(message, facts))) > MOST_BYTES:
        facts.pop()
    return written


def _message(message: Message, facts: list[dict[str, str]]) -> dict[str, Any]:
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "msteams": {"width": "Full"},
        "body": [
            {
                "type": "TextBlock",
                "size": "Medium",
                "weight": "Bolder",
                "wrap": True,
                "text": _plain(words.title(message)[:_LONGEST]),
                "color": _COLORS.get(words.severity(message), "Default"),
            },
            {"type": "FactSet", "facts": [{**fact, "value": _plain(fact["value"])} for fact in facts]},
        ],
        "actions": [{"type": "Action.OpenUrl", "title": "Open", "url": message.href}],
    }
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
    return {"type": "message", "attachments": [attachment]}


def _plain(text: str) -> str:
    """A card reads Markdown: a site's name must not become a link."""
    return "".join(f"\\{char}" if char in "\\*_[]`#" else char for char in text)
