"""What pages of Microsoft's documentation hold of Graph's answers."""

import json


def embedded(text):
    """The texts in a page of documentation that are JSON answers of Graph."""
    start = text.find("{")
    while start >= 0:
        try:
            value, end = json.JSONDecoder().raw_decode(text, start)
        except ValueError:
            value, end = {}, start + 1
        if "@odata.context" in value:
            yield text[start:end]
        start = text.find("{", end)
