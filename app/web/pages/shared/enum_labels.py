"""Graph's enumeration members as labels: pure. A member that Graph adds later is split into its words."""

import re
from typing import NamedTuple

from app.web.pages.shared.formatting import NOTHING

_WORD_START = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")

MEMBERS = {
    # https://learn.microsoft.com/graph/api/resources/callrecords-networkinfo
    "frequency24GHz": "2.4 GHz",
    "frequency50GHz": "5 GHz",
    "frequency60GHz": "6 GHz",
    "wifi80211a": "802.11a",
    "wifi80211b": "802.11b",
    "wifi80211g": "802.11g",
    "wifi80211n": "Wi-Fi 4 (802.11n)",
    "wifi80211ac": "Wi-Fi 5 (802.11ac)",
    "wifi80211ax": "Wi-Fi 6 (802.11ax)",
    "wifi": "Wi-Fi",
    "mobile": "mobile network",
    "tunnel": "VPN",
    "vpn": "VPN",  # of our dimension vpn
    "udp": "UDP",
    "tcp": "TCP",
    # https://learn.microsoft.com/graph/api/resources/callrecords-clientuseragent
    "windows": "Windows",
    "macOS": "macOS",
    "iOS": "iOS",
    "android": "Android",
    "web": "browser",
    "ipPhone": "desk phone",
    "roomSystem": "room system",
    "surfaceHub": "Surface Hub",
    "holoLens": "HoloLens",
    "teams": "Teams",
    "skypeForBusiness": "Skype for Business",
    "lync": "Lync",
    "azureCommunicationServices": "Azure Communication Services",
    # https://learn.microsoft.com/graph/api/resources/callrecords-serviceuseragent
    "customBot": "bot",
    "mediationServer": "Mediation Server (PSTN)",
    "mediaController": "Microsoft media server",
    "skypeForBusinessCallQueues": "call queue",
    "skypeForBusinessAutoAttendant": "auto attendant",
    "conferencingAttendant": "conferencing attendant",
    # https://learn.microsoft.com/graph/api/resources/callrecords-failureinfo
    "callSetup": "call setup",
    "midcall": "mid-call",
    # https://learn.microsoft.com/graph/api/resources/callrecords-mediastream
    "silkNarrow": "SILK narrowband",
    "silkWide": "SILK wideband",
    "silk": "SILK",
    "satin": "Satin",
    "satinFullband": "Satin fullband",
    "opus": "Opus",
    "siren": "Siren",
    "g722": "G.722",
    "g729": "G.729",
    "pcma": "G.711 A-law",
    "pcmu": "G.711 \u00b5-law",
    "av1": "AV1",
    "h263": "H.263",
    "h264": "H.264",
    "h264s": "H.264 SVC",
    "h264uc": "H.264 UC",
    "h265": "H.265",
    "callerToCallee": "caller \u2192 callee",
    "calleeToCaller": "callee \u2192 caller",
    # members of several enumerations
    "notRated": "not rated",
    "unknown": "unknown",
    "unknownFutureValue": "value not named by Graph",
}

# Dimensions whose values are members of an enumeration; the values of the others are names of networks and devices.
ENUMERATED = {"platform", "product_family", "connection_type", "wired", "vpn", "wifi_band", "transport", "codec"}


class Label(NamedTuple):
    """What a page shows, and Graph's own name to show on hover where it differs."""

    text: str
    graph_name: str = ""


def label(member: str | None) -> Label:
    """Of a member of an enumeration."""
    text = member_text(member)
    return Label(text, member if member and member != text else "")


def value_label(value: str | None, dimension: str) -> Label:
    """Of a value of a dimension; "" is a value that Graph did not report."""
    if not value:
        return Label("not reported")
    return label(value) if dimension in ENUMERATED else Label(value)


def failure_label(stage: str | None) -> Label:
    """Of the stage in which Graph reports a failure."""
    match stage:
        case "callSetup":
            return Label("Call setup failed", stage)
        case "midcall":
            return Label("Call failed mid-call", stage)
        case None | "" | "unknown" | "unknownFutureValue":
            return Label("Call failed, stage unknown", stage or "")
        case _:
            return Label(f"Call failed at stage: {member_text(stage)}", stage)


def member_text(member: str | None) -> str:
    """``room system``; a member that is not in the table is split: wristTelephone is wrist telephone."""
    if not member:
        return NOTHING
    return MEMBERS[member] if member in MEMBERS else _WORD_START.sub(" ", member).lower()
