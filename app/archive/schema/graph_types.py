"""Microsoft Graph's types as data, written down once: models makes columns of them and flatten reads them, so
that neither can forget a property.

Source: the v1.0 metadata, namespace microsoft.graph.callRecords
(https://learn.microsoft.com/graph/api/resources/callrecords-callrecord).
"""

import re
from collections.abc import Iterable
from enum import Enum
from typing import NamedTuple


class Kind(Enum):
    """How a property is stored. Enums are TEXT, because Graph adds members; SECONDS are ISO 8601 durations."""

    TEXT = "text"
    INTEGER = "integer"
    FLOAT = "float"
    SECONDS = "seconds"
    MOMENT = "moment"
    BOOLEAN = "boolean"
    JSON = "json"


class Field(NamedTuple):
    property: str
    column: str
    kind: Kind


Shape = tuple[Field, ...]

_WORD_START = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def snake(name: str) -> str:
    """Graph's name in snake_case: ``reflexiveIPAddress`` becomes ``reflexive_ip_address``."""
    return _WORD_START.sub("_", name).lower()


def shape(**names: str) -> Shape:
    """Fields from Graph's property names, separated by blanks, under the name of their kind."""
    return tuple(Field(name, snake(name), Kind(kind)) for kind, text in names.items() for name in text.split())


def prefixed(prefix: str, *shapes: Shape) -> Shape:
    return tuple(field._replace(column=prefix + field.column) for fields in shapes for field in fields)


def named(graph: str, column: str, kind: Kind = Kind.TEXT) -> Shape:
    """One field whose column is not Graph's name: ids, and what we derive ourselves (with no property)."""
    return (Field(graph, column, kind),)


def columns(fields: Iterable[Field]) -> list[str]:
    return [field.column for field in fields]


QUALITY = named("", "quality")
TYPE = named("@odata.type", "type")  # the last word of the annotation, or inferred where Graph left it out

CALL_RECORD = shape(
    integer="version",
    text="type joinWebUrl",
    json="modalities",
    moment="startDateTime endDateTime lastModifiedDateTime",
)

IDENTITY = (
    *named("", "kind"),  # the key under which an identity set holds it: user, phone, guest, …
    *shape(text="id displayName userPrincipalName tenantId"),
)
PARTY_IDENTITY = (*IDENTITY, *shape(text="endpointType"))  # communicationsIdentitySet has one property more

PARTICIPANT = (*named("id", "participant_id"), *prefixed("identity_", PARTY_IDENTITY))
ORGANIZER = (*named("id", "organizer_id"), *prefixed("organizer_identity_", PARTY_IDENTITY))
ADMINISTRATIVE_UNIT = named("id", "administrative_unit_id")
ORGANIZER_POSITION = -1  # the organizer's units stand beside those of the participants

ENDPOINT_OWN = shape(text="name cpuName", integer="cpuCoresCount cpuProcessorSpeedInMhz")
FEEDBACK = shape(text="rating text", json="tokens")
USER_AGENT_OWN = shape(
    text="headerValue applicationVersion platform productFamily communicationServiceId azureADAppId role"
)
ENDPOINT = (
    *TYPE,
    *ENDPOINT_OWN,
    *prefixed("identity_", IDENTITY),
    *prefixed("feedback_", FEEDBACK),
    *prefixed("user_agent_", TYPE, USER_AGENT_OWN),
)
FAILURE = shape(text="stage reason")
BOTH_ENDS = (
    *prefixed("caller_", ENDPOINT),
    *prefixed("callee_", ENDPOINT),
    *prefixed("failure_", FAILURE),
)

SESSION_OWN = (
    *named("id", "session_id"),
    *shape(boolean="isTest", json="modalities", moment="startDateTime endDateTime"),
)
SESSION = (*SESSION_OWN, *BOTH_ENDS, *QUALITY)

SEGMENT_OWN = (*named("id", "segment_id"), *shape(moment="startDateTime endDateTime"))
SEGMENT = (*SEGMENT_OWN, *BOTH_ENDS, *QUALITY)

DEVICE = shape(
    text="captureDeviceDriver captureDeviceName renderDeviceDriver renderDeviceName",
    integer="howlingEventCount receivedNoiseLevel receivedSignalLevel sentNoiseLevel sentSignalLevel",
    float="captureNotFunctioningEventRatio cpuInsufficentEventRatio deviceClippingEventRatio"
    " deviceGlitchEventRatio initialSignalLevelRootMeanSquare lowSpeechLevelEventRatio"
    " lowSpeechToNoiseEventRatio micGlitchRate renderMuteEventRatio renderNotFunctioningEventRatio"
    " renderZeroVolumeEventRatio speakerGlitchRate",
)
NETWORK = shape(
    text="basicServiceSetIdentifier connectionType dnsSuffix ipAddress macAddress networkTransportProtocol"
    " reflexiveIPAddress relayIPAddress subnet wifiBand wifiMicrosoftDriver wifiMicrosoftDriverVersion"
    " wifiRadioType wifiVendorDriver wifiVendorDriverVersion",
    integer="linkSpeed port relayPort wifiBatteryCharge wifiChannel wifiSignalStrength",
    float="bandwidthLowEventRatio delayEventRatio receivedQualityEventRatio sentQualityEventRatio",
)
MEDIA_OWN = shape(text="label")
MEDIA = (
    *MEDIA_OWN,
    *prefixed("caller_device_", DEVICE),
    *prefixed("callee_device_", DEVICE),
    *prefixed("caller_network_", NETWORK),
    *prefixed("callee_network_", NETWORK),
    *QUALITY,
)
HOP = shape(integer="hopCount", text="ipAddress", seconds="roundTripTime")

STREAM_OWN = shape(
    text="audioCodec streamDirection streamId videoCodec",
    integer="averageBandwidthEstimate packetUtilization",
    float="averageAudioDegradation averagePacketLossRate averageRatioOfConcealedSamples"
    " averageReceivedFrameRate averageVideoFrameLossPercentage averageVideoFrameRate"
    " averageVideoPacketLossRate lowFrameRateRatio lowVideoProcessingCapabilityRatio maxPacketLossRate"
    " maxRatioOfConcealedSamples postForwardErrorCorrectionPacketLossRate",
    seconds="averageAudioNetworkJitter averageFreezeDuration averageJitter averageRoundTripTime"
    " maxAudioNetworkJitter maxJitter maxRoundTripTime rmsFreezeDuration",
    moment="startDateTime endDateTime",
    boolean="isAudioForwardErrorCorrectionUsed wasMediaBypassed",
)
STREAM = (*STREAM_OWN, *QUALITY, *named("", "poor_due_to"))
