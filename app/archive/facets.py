"""What a call was held with, as short lists in its own row: statistics ask for these by the month, and would
otherwise read every session, media and stream of it.
"""

import orjson

from app.archive import shapes
from app.archive.read import Row

FACETS = ("platforms", "product_families", "connection_types", "wifi_bands", "audio_codecs")

_TYPE = shapes.columns(shapes.ENDPOINT).index("type")
_PLATFORM = shapes.columns(shapes.ENDPOINT).index("user_agent_platform")
_PRODUCT_FAMILY = shapes.columns(shapes.ENDPOINT).index("user_agent_product_family")
_CONNECTION_TYPE = shapes.columns(shapes.NETWORK).index("connection_type")
_WIFI_BAND = shapes.columns(shapes.NETWORK).index("wifi_band")
_AUDIO_CODEC = shapes.columns(shapes.STREAM_OWN).index("audio_codec")


class Facets:
    """The values that occur in one call, gathered row by row."""

    def __init__(self) -> None:
        self._platforms: set[str | None] = set()
        self._product_families: set[str | None] = set()
        self._connection_types: set[str | None] = set()
        self._wifi_bands: set[str | None] = set()
        self._audio_codecs: set[str | None] = set()

    def add_endpoint(self, row: Row) -> None:
        self._platforms.add(row[_PLATFORM])
        self._product_families.add(row[_PRODUCT_FAMILY])

    def add_network(self, row: Row) -> None:
        """Of somebody who took part: a media server's network says nothing about theirs."""
        self._connection_types.add(row[_CONNECTION_TYPE])
        self._wifi_bands.add(row[_WIFI_BAND])

    def add_stream(self, row: Row) -> None:
        self._audio_codecs.add(row[_AUDIO_CODEC])

    def columns(self) -> dict[str, str | None]:
        """Each facet's values as a JSON list in order; None where there are none."""
        found = (
            self._platforms,
            self._product_families,
            self._connection_types,
            self._wifi_bands,
            self._audio_codecs,
        )
        return dict(zip(FACETS, map(written, found), strict=True))


def written(values: set[str | None]) -> str | None:
    known = sorted(value for value in values if value)
    return orjson.dumps(known).decode() if known else None


def is_service(endpoint: Row) -> bool:
    return bool(endpoint[_TYPE] == "serviceEndpoint")
