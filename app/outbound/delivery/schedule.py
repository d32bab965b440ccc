"""When the next attempt of a delivery is, and for how long a webhook that fails is left alone. Pure.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md#deliverability-and-reliability
"""

from datetime import timedelta

LIFE = timedelta(days=3)  # then a delivery has failed

_AFTER = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
_PAUSES = tuple(timedelta(seconds=seconds) for seconds in (1, 2, 5, 15, 30, 60, 120, 300))
_JITTER = 0.2
_LONGEST_WAIT = timedelta(days=1)


def next_attempt(attempts: int, age: timedelta, spread: float) -> timedelta | None:
    """The pause after so many attempts of a delivery of that age; None: it has failed permanently.

    ``spread`` is a random number from 0 to 1. The last attempt is made when the three days end.
    """
    if age >= LIFE:
        return None
    pause = _AFTER[min(attempts, len(_AFTER)) - 1] * (1 - _JITTER / 2 + _JITTER * spread)
    return min(pause, LIFE - age)


def pause(failures: int, retry_after: timedelta | None, spread: float) -> timedelta:
    """Before the next request to a webhook whose last so many requests failed.

    A webhook that does not answer is asked with one request at a time, at growing intervals up to five minutes; its
    other deliveries wait meanwhile and use up none of their attempts.
    """
    own = _PAUSES[min(failures, len(_PAUSES)) - 1] * (1 - _JITTER / 2 + _JITTER * spread)
    return max(own, min(retry_after, _LONGEST_WAIT)) if retry_after else own
