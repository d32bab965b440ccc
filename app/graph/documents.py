"""From bytes to JSON, tolerant where Graph's text is legal JSON that a strict reader refuses."""

import json
from typing import Any

import orjson


def parsed(body: bytes | bytearray) -> Any:
    """The JSON value in `body`; ValueError if there is none."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return _patiently(body)


def _patiently(body: bytes | bytearray) -> Any:
    # A display name cut in the middle of an emoji leaves half a surrogate pair: orjson refuses the document.
    try:
        return json.loads(body)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
