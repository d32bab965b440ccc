"""Members of Graph's enumerations in words that people use: pure. One that Graph adds later is taken apart."""

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
    "wired": "cable",
    "mobile": "mobile network",
    "tunnel": "VPN",
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
    "mediationServer": "gateway to the telephone network",
    "mediaController": "Microsoft's media server",
    "skypeForBusinessCallQueues": "call queue",
    "skypeForBusinessAutoAttendant": "auto attendant",
    "conferencingAttendant": "conference attendant",
    # https://learn.microsoft.com/graph/api/resources/callrecords-failureinfo
    "callSetup": "the setting up of the call",
    "midcall": "the middle of the call",
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
    # what several of them have
    "notRated": "not rated",
    "unknown": "unknown",
    "unknownFutureValue": "newer than Graph tells",
}


# What streams are counted by whose values are members of an enumeration; the others are names that somebody gave.
ENUMERATED = {"platform", "product_family", "connection_type", "wifi_band", "transport", "codec"}


class Said(NamedTuple):
    """What a page says, and Graph's own word for whoever hovers where it is another."""

    text: str
    own: str = ""


def said(member: str | None) -> Said:
    text = in_words(member)
    return Said(text, member if member and member != text else "")


def value(counted: str | None, dimension: str) -> Said:
    """A value that streams are counted by, "" where Graph did not tell."""
    if not counted:
        return Said("not known")
    return said(counted) if dimension in ENUMERATED else Said(counted)


def in_words(member: str | None) -> str:
    """``room system``; of a member that nobody has heard of its own words: wristTelephone is wrist telephone."""
    if not member:
        return NOTHING
    return MEMBERS[member] if member in MEMBERS else _WORD_START.sub(" ", member).lower()
