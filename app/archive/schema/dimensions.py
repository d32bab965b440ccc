"""The dimensions that quality is broken down by, and the columns of a call that list their values."""

LONGEST = 300  # characters of a value

DIMENSIONS: dict[str, tuple[str, ...]] = {
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
"""Dimension -> the columns of call_records that list the values which occur in a call."""
DIMENSION_COLUMNS = tuple(column for columns in DIMENSIONS.values() for column in columns)

CALL_DIMENSIONS: dict[str, str] = {
    "type": "type",
    "modality": "modalities",
    "quality": "quality",
    "failed": "failed",
    "failed_stage": "failed_stage",
    "rating": "rating",
    "audio_codec": "audio_codecs",
}
"""Dimension of a complete call -> the column of call_records with its value, or with the JSON list of its values."""
