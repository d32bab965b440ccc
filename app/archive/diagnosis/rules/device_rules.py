"""What at an end's device, computer or microphone can be the cause: each function returns the values that show it.

Pure. Only audio counts, except for the CPU: Graph describes these ratios for the audio of a call.
https://learn.microsoft.com/graph/api/resources/callrecords-deviceinfo
"""

from collections.abc import Sequence

from app.archive.diagnosis.legs import Leg
from app.archive.diagnosis.measured import Quantity, measured
from app.archive.diagnosis.rules.rule import Find, Found, above

NOT_FUNCTIONING = 0.005  # Microsoft's limit in its call analytics for one user
OFTEN = 0.1  # of the call
TOO_FEW_PACKETS = 500  # with so few a stream is not rated


def ratio(column: str, name: str, label: str, least: float = OFTEN, *, of_any_media: bool = False) -> Find:
    """A fraction of the call at or above ``least``, in any audio (or media) of the end."""
    quantity = Quantity(name, label, "% of the call", 100)

    def find(legs: Sequence[Leg]) -> Found:
        return above(legs if of_any_media else _audio(legs), column, quantity, least, of_device=True)

    return find


def howling(legs: Sequence[Leg]) -> Found:
    return above(
        _audio(legs), "howling_event_count", Quantity("howlingEventCount", "howling events"), 1, of_device=True
    )


def muted_microphone(legs: Sequence[Leg]) -> Found:
    """Nearly nothing was sent in any audio of the end."""
    packets = [stream["packet_utilization"] for leg in _audio(legs) for stream in leg.sent]
    known = [one for one in packets if one is not None]
    if not known or max(known) > TOO_FEW_PACKETS:
        return []
    return [measured(Quantity("packetUtilization", "packets sent"), max(known), TOO_FEW_PACKETS, is_least=True)]


def _audio(legs: Sequence[Leg]) -> list[Leg]:
    return [leg for leg in legs if leg.kind == "audio"]
