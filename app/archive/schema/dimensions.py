"""The dimensions that quality is broken down by, and the columns of a call that list their values."""

LONGEST = 300  # characters of a value

OF_DOCUMENT: dict[str, tuple[str, ...]] = {
    "platform": ("platforms",),
    "product_family": ("product_families",),
    "client_version": ("client_versions",),
    "device": ("devices",),
    "connection_type": ("connection_types",),
    "wifi_band": ("wifi_bands",),
    "subnet": ("subnets",),
    "transport": ("transports",),
    "relay": ("relays",),
    "codec": ("audio_codecs", "video_codecs"),
}
"""What a call's document says: see parse.call_dimensions."""

OF_SITES: dict[str, tuple[str, ...]] = {
    "site": ("sites",),
    "network": ("networks",),
    "inside": ("inside_values",),  # inside, outside
    "wired": ("wired_values",),  # wired, wifi
    "vpn": ("vpn_values",),  # vpn, none
    "access_point": ("access_points",),
    "unmapped_subnet": (),  # counts audio streams of own users only, and has no list in the call's row
}
"""What the document and the building file say together: see archive.sites.located."""

DIMENSIONS = OF_DOCUMENT | OF_SITES
"""Dimension -> the columns of call_records that list the values which occur in a call."""
DIMENSION_COLUMNS = tuple(column for columns in DIMENSIONS.values() for column in columns)
FILTERED = tuple(dimension for dimension, columns in DIMENSIONS.items() if columns)
"""The dimensions by which calls can be found."""

CALL_DIMENSIONS: dict[str, str] = {
    "type": "type",
    "modality": "modalities",
    "quality": "quality",
    "failed": "failed",
    "failed_stage": "failed_stage",
    "rating": "rating",
    "outcome": "outcome",
    "direction": "direction",
    "pstn": "pstn",
    "audio_codec": "audio_codecs",
}
"""Dimension of a complete call -> the column of call_records with its value, or with the JSON list of its values."""
