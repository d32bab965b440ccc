"""The query parameters that filter by dimension, in a separate module because there are many of one kind."""

from typing import Annotated

from fastapi import Depends, Query

from app.archive.schema.dimensions import LONGEST


def _described(what: str, *examples: str) -> object:
    also = f", for example {' or '.join(examples)}" if examples else ""
    known = f"{what}{also}, as it is written there; empty for calls of which none is known."
    return Query(max_length=LONGEST, description=f"Calls in which a participant had this {known}")


Given = dict[str, str | None]


def dimension_filters(
    *,
    platform: Annotated[str | None, _described("platform", "windows", "iOS")] = None,
    product_family: Annotated[str | None, _described("product family", "teams")] = None,
    client_version: Annotated[str | None, _described("applicationVersion")] = None,
    device: Annotated[str | None, _described("capture or render device, by its name")] = None,
    connection_type: Annotated[str | None, _described("connection type", "wifi", "wired")] = None,
    wifi_band: Annotated[str | None, _described("wifi band", "frequency24GHz")] = None,
    subnet: Annotated[str | None, _described("subnet", "10.150.0.0")] = None,
    transport: Annotated[str | None, _described("network transport protocol", "udp", "tcp")] = None,
    relay: Annotated[str | None, _described("use of a relay", "allocated", "none")] = None,
    codec: Annotated[str | None, _described("audio or video codec", "satin", "h264")] = None,
    site: Annotated[str | None, _described("site, the building of its network in the building file", "AAR-2")] = None,
    network: Annotated[str | None, _described("network, by its name in the building file")] = None,
    inside: Annotated[
        str | None, _described("place inside or outside of the organisation", "inside", "outside")
    ] = None,
    wired: Annotated[str | None, _described("wired or Wi-Fi connection", "wired", "wifi")] = None,
    vpn: Annotated[str | None, _described("use of a VPN", "vpn", "none")] = None,
    access_point: Annotated[str | None, _described("access point, by its name in the list or its BSSID")] = None,
) -> Given:
    """Filters of these names."""
    return {
        "platform": platform,
        "product_family": product_family,
        "client_version": client_version,
        "device": device,
        "connection_type": connection_type,
        "wifi_band": wifi_band,
        "subnet": subnet,
        "transport": transport,
        "relay": relay,
        "codec": codec,
        "site": site,
        "network": network,
        "inside": inside,
        "wired": wired,
        "vpn": vpn,
        "access_point": access_point,
    }


DimensionFilters = Annotated[Given, Depends(dimension_filters)]
