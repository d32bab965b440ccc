"""The body of Standard Webhooks: type, timestamp and data. Pure."""

import orjson

from app.outbound.formats.message import Message, written


def body(message: Message) -> bytes:
    data = {**message.data, "href": message.href}
    return orjson.dumps({"type": message.kind, "timestamp": written(message.created_at), "data": data})
