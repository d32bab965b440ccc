"""The names of the dimensions, in the order of the pages: where and how people were connected comes first."""

DIMENSIONS: dict[str, str] = {
    "site": "Site",
    "network": "Network",
    "access_point": "Access point",
    "vpn": "VPN",
    "inside": "Inside or outside",
    "wired": "Wired or Wi-Fi",
    "connection_type": "Connection",
    "relay": "Relay",
    "transport": "Transport",
    "device": "Device",
    "client_version": "Client version",
    "platform": "Platform",
    "wifi_band": "Wi-Fi band",
    "subnet": "Subnet",
    "department": "Department",
    "product_family": "Product",
    "codec": "Codec",
    "tenant": "Tenant",
}
