"""The enum members that every client knows. All others are returned as unknownFutureValue,
unless the client sends Prefer: include-unknown-enum-members.
"""

from typing import Any

PLATFORM = "unknown windows macOS iOS android web ipPhone roomSystem surfaceHub holoLens"
ROLE = (
    "unknown customBot skypeForBusinessMicrosoftTeamsGateway skypeForBusinessAudioVideoMcu "
    "skypeForBusinessApplicationSharingMcu skypeForBusinessCallQueues skypeForBusinessAutoAttendant "
    "mediationServer mediationServerCloudConnectorEdition exchangeUnifiedMessagingService mediaController "
    "conferencingAnnouncementService conferencingAttendant audioTeleconferencerController "
    "skypeForBusinessUnifiedCommunicationApplicationPlatform responseGroupServiceAnnouncementService gateway "
    "skypeTranslator skypeForBusinessAttendant responseGroupService voicemail"
)
AUDIO = (
    "unknown invalid cn pcma pcmu amrWide g722 g7221 g7221c g729 multiChannelAudio muchv2 opus satin "
    "satinFullband rtAudio8 rtAudio16 silk silkNarrow silkWide siren xmsRta"
)
KNOWN = {
    "type": "unknown groupCall peerToPeer",
    "modalities": "unknown audio video videoBasedScreenSharing data screenSharing",
    "platform": PLATFORM,
    "productFamily": "unknown teams skypeForBusiness lync",  # azureCommunicationServices came later
    "role": ROLE,
    "stage": "unknown callSetup midcall",
    "rating": "notRated bad poor fair good excellent",
    "connectionType": "unknown wired wifi mobile tunnel",
    "networkTransportProtocol": "unknown udp tcp",
    "wifiBand": "unknown frequency24GHz frequency50GHz frequency60GHz",
    "wifiRadioType": "unknown wifi80211a wifi80211b wifi80211g wifi80211n wifi80211ac wifi80211ax",
    "audioCodec": AUDIO,
    "videoCodec": "unknown invalid av1 h263 h264 h264s h264uc h265 rtvc1 rtVideo xrtvc1",
    "streamDirection": "callerToCallee calleeToCaller",
    "endpointType": "default voicemail skypeForBusiness skypeForBusinessVoipPhone",
}
FUTURE = "unknownFutureValue"
MEMBERS = {name: frozenset([*members.split(), FUTURE]) for name, members in KNOWN.items()}


def hide_unknown(value: Any, name: str = "") -> Any:
    """The value with unknown enum members replaced by unknownFutureValue."""
    if isinstance(value, dict):
        return {key: hide_unknown(inner, key) for key, inner in value.items()}
    if isinstance(value, list):
        return [hide_unknown(inner, name) for inner in value]
    if isinstance(value, str) and name in MEMBERS and value not in MEMBERS[name]:
        return FUTURE
    return value
