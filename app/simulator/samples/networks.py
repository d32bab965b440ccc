"""The networks and devices at both ends of a stream."""

from random import Random
from typing import Any

from app.simulator.samples.random_values import between, iso_duration, words

UNLIMITED_LINK = 4_294_967_295  # clients report this for an unknown speed; it needs more than 31 bits
NETWORK_KEYS = words(
    "ipAddress subnet linkSpeed connectionType port reflexiveIPAddress relayIPAddress relayPort macAddress "
    "wifiMicrosoftDriver wifiMicrosoftDriverVersion wifiVendorDriver wifiVendorDriverVersion wifiChannel "
    "wifiBand basicServiceSetIdentifier wifiRadioType wifiSignalStrength wifiBatteryCharge dnsSuffix "
    "sentQualityEventRatio receivedQualityEventRatio delayEventRatio bandwidthLowEventRatio "
    "networkTransportProtocol traceRouteHops"
)
DEVICE_KEYS = words(
    "captureDeviceName captureDeviceDriver renderDeviceName renderDeviceDriver sentSignalLevel "
    "receivedSignalLevel sentNoiseLevel receivedNoiseLevel initialSignalLevelRootMeanSquare "
    "cpuInsufficentEventRatio renderNotFunctioningEventRatio captureNotFunctioningEventRatio "
    "deviceGlitchEventRatio lowSpeechToNoiseEventRatio lowSpeechLevelEventRatio deviceClippingEventRatio "
    "howlingEventCount renderZeroVolumeEventRatio renderMuteEventRatio micGlitchRate speakerGlitchRate"
)
RATIOS = words(
    "captureNotFunctioningEventRatio renderNotFunctioningEventRatio deviceClippingEventRatio "
    "lowSpeechLevelEventRatio lowSpeechToNoiseEventRatio renderMuteEventRatio renderZeroVolumeEventRatio"
)


def wired(rng: Random) -> dict[str, Any]:
    return {
        **common(rng),
        "linkSpeed": rng.choice([1_000_000_000, UNLIMITED_LINK]),
        "connectionType": "wired",
        "wifiBand": "unknown",
        "wifiRadioType": "unknown",
        "traceRouteHops": [hop(number, rng) for number in range(1, rng.randrange(2, 4))],
    }


def wifi(rng: Random, *, weak: bool) -> dict[str, Any]:
    return {
        **common(rng),
        "linkSpeed": 6_500_000 if weak else 526_500_000,
        "connectionType": "wifi",
        "wifiMicrosoftDriver": "Microsoft Wireless LAN",
        "wifiMicrosoftDriverVersion": "Microsoft:10.0.26100.4484",
        "wifiVendorDriver": "AX211 160MHz",
        "wifiVendorDriverVersion": "23.110.0.5",
        "wifiChannel": 6 if weak else 36,
        "wifiBand": "frequency24GHz" if weak else "frequency50GHz",
        "basicServiceSetIdentifier": f"02-1A-{rng.randrange(256):02X}-00-5E-10",
        "wifiRadioType": "wifi80211n" if weak else "wifi80211ax",
        "wifiSignalStrength": rng.randrange(8, 25) if weak else rng.randrange(75, 100),
        "wifiBatteryCharge": rng.randrange(20, 101),
        "sentQualityEventRatio": between(rng, 0.2, 0.6) if weak else 0,
        "receivedQualityEventRatio": between(rng, 0.2, 0.6) if weak else 0,
        "delayEventRatio": between(rng, 0.1, 0.4) if weak else 0,
        "bandwidthLowEventRatio": between(rng, 0.3, 0.9) if weak else 0,
        "traceRouteHops": [],
    }


def common(rng: Random) -> dict[str, Any]:
    third, last = rng.randrange(256), rng.randrange(2, 255)
    return {
        **dict.fromkeys(NETWORK_KEYS),
        "ipAddress": f"10.150.{third}.{last}",
        "subnet": f"10.150.{third}.0",
        "port": rng.randrange(50_000, 50_060),
        "reflexiveIPAddress": f"203.0.113.{last}",
        "relayIPAddress": "",
        "relayPort": 3481,
        "macAddress": "",
        "dnsSuffix": "",
        "networkTransportProtocol": "udp",
    }


def hop(number: int, rng: Random) -> dict[str, Any]:
    time = iso_duration(rng.uniform(0.001, 0.03))
    return {"hopCount": number, "ipAddress": f"192.0.2.{number}", "roundTripTime": time}


def service_network() -> dict[str, Any]:
    """A Teams server reports few properties of its own network."""
    known = {"ipAddress": "", "linkSpeed": 0, "connectionType": "wired", "port": 3481, "reflexiveIPAddress": ""}
    unknown = {"wifiBand": "unknown", "wifiRadioType": "unknown", "networkTransportProtocol": "udp"}
    return {**dict.fromkeys(NETWORK_KEYS), **known, **unknown, "traceRouteHops": []}


def device(rng: Random) -> dict[str, Any]:
    return {
        **dict.fromkeys(DEVICE_KEYS),
        "captureDeviceName": "Headset Microphone (H-Series)",
        "captureDeviceDriver": "Vendor: 2.1.0",
        "renderDeviceName": "Headset Earphone (H-Series)",
        "renderDeviceDriver": "Vendor: 2.1.0",
        "sentSignalLevel": -rng.randrange(15, 30),
        "receivedSignalLevel": -rng.randrange(15, 30),
        "sentNoiseLevel": -rng.randrange(50, 80),
        "receivedNoiseLevel": -rng.randrange(50, 80),
        "initialSignalLevelRootMeanSquare": between(rng, 20, 200),
        "cpuInsufficentEventRatio": 0,
        "deviceGlitchEventRatio": between(rng, 0, 0.02),
        "howlingEventCount": 0,
        **{name: between(rng, 0, 0.004) for name in RATIOS},
        "micGlitchRate": between(rng, 0, 5),
        "speakerGlitchRate": between(rng, 0, 5),
    }


def service_device() -> dict[str, Any]:
    return dict.fromkeys(DEVICE_KEYS)
