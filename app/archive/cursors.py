"""Where a page of calls ended, as an opaque text: the order, a moment and a key."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def write(order: str, moment: datetime, key: int) -> str:
    text = f"{order},{(moment - EPOCH) // MICROSECOND},{key}"
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read(cursor: str, order: str) -> tuple[datetime, int]:
    """The moment and the key; a ValueError with a text for the caller where the cursor is none of ours."""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        its_order, microseconds, key = urlsafe_b64decode(padded.encode("ascii")).decode("ascii").split(",")
        place = EPOCH + int(microseconds) * MICROSECOND, _key(key)
    except (ValueError, OverflowError):
        raise ValueError("the cursor is not one that this service gave out") from None
    if its_order != order:
        raise ValueError(f"the cursor belongs to the order {its_order!r}, not {order!r}")
    return place


def _key(text: str) -> int:
    key = int(text)
    if not 0 <= key < 1 << 63:
        raise ValueError
    return key
