"""How an end was connected, as far as the client reported it. Pure."""

from collections.abc import Sequence
from typing import NamedTuple

from app.archive.diagnosis.legs import Leg
from app.archive.diagnosis.measured import Measured, Quantity, measured
from app.archive.diagnosis.rules.rule import text_of

UNKNOWN_SPEEDS = {0, 2**32 - 1}  # bit/s: what a server, and a client that does not know its link speed, report

BANDS = {"frequency24GHz": "2.4 GHz", "frequency50GHz": "5 GHz", "frequency60GHz": "6 GHz"}
BAND = Quantity("wifiBand", "Wi-Fi band")
SIGNAL = Quantity("wifiSignalStrength", "signal", "%")
LINK = Quantity("linkSpeed", "link", "Mbit/s", 1e-6)
WEAK_SIGNAL = 50  # per cent
_NAMES = {"wired": "a cable", "tunnel": "a VPN", "mobile": "a mobile network"}


class Connection(NamedTuple):
    """``type`` is Graph's connectionType, None where no leg has one. ``values``: what is known of a Wi-Fi.

    ``subnet``: as Graph writes it, usually the network address without a mask.
    """

    type: str | None
    values: tuple[Measured, ...] = ()
    subnet: str | None = None

    @property
    def text(self) -> str:
        """``a cable``, ``a VPN``, ``Wi-Fi``; empty where it is unknown."""
        return "Wi-Fi" if self.type == "wifi" else _NAMES.get(self.type or "", "")


def connection(legs: Sequence[Leg]) -> Connection:
    """Of an end; if it changed, the connection that explains more: Wi-Fi, a mobile network, a VPN, a cable."""
    types = text_of(legs, "connection_type")
    known = next((one for one in ("wifi", "mobile", "tunnel", "wired") if one in types), types[0] if types else None)
    mine = on_wifi(legs) if known == "wifi" else [leg for leg in legs if leg.network("connection_type") == known]
    subnet = next(iter(text_of(mine or legs, "subnet")), None)
    if known != "wifi":
        return Connection(known, (), subnet)
    bands = [measured(BAND, BANDS[one]) for one in text_of(mine, "wifi_band")[:1] if one in BANDS]
    return Connection(known, (*bands, *lowest_signal(mine), *lowest_speed(mine)), subnet)


def on_wifi(legs: Sequence[Leg]) -> list[Leg]:
    return [leg for leg in legs if leg.network("connection_type") == "wifi"]


def lowest_signal(legs: Sequence[Leg]) -> list[Measured]:
    """The lowest strength as a list of one; a strength of 0 is what clients report that do not know it."""
    known = [value for leg in legs if (value := leg.network("wifi_signal_strength"))]
    return [measured(SIGNAL, min(known), WEAK_SIGNAL, is_least=True)] if known else []


def lowest_speed(legs: Sequence[Leg], least: float | None = None) -> list[Measured]:
    known = [value for leg in legs if (value := leg.network("link_speed")) and value not in UNKNOWN_SPEEDS]
    return [measured(LINK, min(known), least, is_least=True)] if known else []


def is_reported(legs: Sequence[Leg]) -> bool:
    """Whether the client sent any telemetry of its network."""
    return any(text_of(legs, name) for name in ("connection_type", "wifi_band", "ip_address", "subnet"))
