"""From bytes to JSON, tolerant where Graph's text is legal JSON that a strict reader refuses."""

from app.wire import parsed

__all__ = ["parsed"]
