"""Call records in which every property of Graph's schema has a value that Graph, a serializer or nobody should write.

Each value stands beside what its typed column must hold, written out by hand: nothing here converts anything.
"""

from datetime import UTC, datetime

from hypothesis import strategies as st

from app.archive.schema import graph_types
from app.archive.schema.graph_types import Kind
from tests.archive.records import CALL, guid

VALUES = {
    Kind.TEXT: [
        ("plain", "plain"),
        ("", ""),
        ("a\x00b", "a\ufffdb"),
        ("\ud800 half", "\ufffd half"),
        ("=1+1", "=1+1"),
        ("'quoted\"", "'quoted\""),
        ("comma, \r\nline", "comma, \r\nline"),
        ("100%_*\\", "100%_*\\"),
        ("\u202eright to left 🙁", "\u202eright to left 🙁"),
        ("x" * 3_000, "x" * 3_000),
        ("None", "None"),
        (7, None),
        (True, None),
        (["plain"], None),
        ({"plain": 1}, None),
        (None, None),
    ],
    Kind.INTEGER: [
        (7, 7),
        (-3, -3),
        (6000.0, 6000),
        (1e3, 1000),
        ("6000", 6000),
        ("9007199254740993", 9007199254740993),
        (2**63 - 1, 2**63 - 1),
        (-(2**63), -(2**63)),
        (2**63, None),
        (2**64 - 1, None),
        (2**70, None),
        (6000.5, None),
        (1e300, None),
        ("NaN", None),
        ("many", None),
        (True, None),
        ([7], None),
        (None, None),
    ],
    Kind.FLOAT: [
        (0.1, 0.1),
        (3, 3.0),
        (2**70, 2.0**70),
        (-0.0, 0.0),
        ("0.25", 0.25),
        (1.7976931348623157e308, 1.7976931348623157e308),
        (2.2250738585072014e-308, 2.2250738585072014e-308),
        (0.30000000000000004, 0.30000000000000004),
        ("NaN", None),
        ("-INF", None),
        ("1e999", None),
        (False, None),
        ({}, None),
        (None, None),
    ],
    Kind.SECONDS: [
        ("PT0.016S", 0.016),
        ("PT0S", 0.0),
        ("P1DT2H3M4.5S", 93784.5),
        ("-PT5S", -5.0),
        ("PT", None),
        ("P1Y", None),
        ("0:00:05", None),
        ("PT" + "9" * 400 + "S", None),
        (5, None),
        (0.016, None),
        (None, None),
    ],
    Kind.MOMENT: [
        ("2026-02-25T18:52:21.2169889Z", datetime(2026, 2, 25, 18, 52, 21, 216988, UTC)),
        ("2026-02-25T20:52:21+02:00", datetime(2026, 2, 25, 18, 52, 21, tzinfo=UTC)),
        ("2026-02-25T18:52:21", datetime(2026, 2, 25, 18, 52, 21, tzinfo=UTC)),
        ("2026-02-25T24:00:00Z", datetime(2026, 2, 26, tzinfo=UTC)),
        ("2016-12-31T23:59:60Z", datetime(2017, 1, 1, tzinfo=UTC)),
        ("0001-01-01T00:00:00Z", None),
        ("1970-01-01T00:00:00Z", None),
        ("9999-12-31T23:59:59.9999999Z", None),
        ("9999-12-31T23:59:59-12:00", None),
        ("2026-02-30T00:00:00Z", None),
        ("2026-02-25", None),
        (1772045541, None),
        (["2026-02-25T18:52:21Z"], None),
        (None, None),
    ],
    Kind.BOOLEAN: [
        (True, True),
        (False, False),
        ("true", True),
        ("False", False),
        ("yes", None),
        (1, None),
        ({}, None),
        (None, None),
    ],
    Kind.JSON: [
        (["audio", "video"], ["audio", "video"]),
        ([], []),
        ({"NoSound": True, "a\x00b": None}, {"NoSound": True, "a\x00b": None}),
        (["\ud800"], None),
        ("audio", None),
        (7, None),
        (None, None),
    ],
}

OWN_TYPES = {"@odata.type": "type"}
NAMES = ("caller", "callee")


class Builder:
    """One record while it is drawn, and the rows that it must become: table name -> list of column -> value."""

    def __init__(self, draw):
        self._draw = draw
        self.rows = {}

    def record(self):
        """A record with one part of each kind below it."""
        value, row = self._drawn(graph_types.CALL_RECORD)
        # A record must have an id that is looked for, and a time that says on which day it is exported.
        value |= {"id": CALL, "lastModifiedDateTime": "2026-02-25T19:00:24.5827570Z"}
        row |= {"last_modified_date_time": datetime(2026, 2, 25, 19, 0, 24, 582757, UTC)}
        value["version"], row["version"] = self._draw(st.sampled_from([(3, 3), (3.0, 3), ("3", 3), (None, 0)]))
        self._add("call_records", row)
        organizer, participant = self._party(), self._party()
        return value | {
            "organizer_v2": organizer,
            "participants_v2": [participant],
            "sessions": [self._session()],
            "aPropertyThatGraphAddsLater": [2**64 - 1, 2**70, 0.1, {"deep": None}],
        }

    def _party(self):
        identity, _ = self._drawn(graph_types.shape(text="displayName userPrincipalName tenantId"))
        return {"id": guid(), "identity": {"user": identity | {"id": guid()}}}

    def _session(self):
        value, row = self._both_ends(graph_types.SESSION_OWN)
        self._add("sessions", row)
        return value | {"segments": [self._segment()]}

    def _segment(self):
        value, row = self._both_ends(graph_types.SEGMENT_OWN)
        self._add("segments", row)
        return value | {"media": [self._media()]}

    def _both_ends(self, own):
        value, row = self._drawn(own)
        for side in NAMES:
            value[side] = self._endpoint(row, side + "_")
        value["failureInfo"] = self._part(row, "failure_", graph_types.FAILURE)
        return value, row

    def _endpoint(self, row, prefix):
        endpoint = self._part(row, prefix, graph_types.ENDPOINT_OWN)
        endpoint["@odata.type"] = "#microsoft.graph.callRecords.participantEndpoint"
        endpoint["feedback"] = self._part(row, prefix + "feedback_", graph_types.FEEDBACK)
        agent = self._part(row, prefix + "user_agent_", graph_types.USER_AGENT_OWN)
        endpoint["userAgent"] = agent | {"@odata.type": "#microsoft.graph.callRecords.clientUserAgent"}
        row |= {prefix + "type": "participantEndpoint", prefix + "user_agent_type": "clientUserAgent"}
        return endpoint

    def _media(self):
        value, row = self._drawn(graph_types.MEDIA_OWN)
        for side in NAMES:
            value[side + "Device"] = self._part(row, side + "_device_", graph_types.DEVICE)
            value[side + "Network"] = self._part(row, side + "_network_", graph_types.NETWORK)
            hop, hop_row = self._drawn(graph_types.HOP)
            value[side + "Network"]["traceRouteHops"] = [hop]
            self._add("trace_route_hops", hop_row | {"side": side})
        stream, stream_row = self._drawn(graph_types.STREAM_OWN)
        self._add("media", row)
        self._add("streams", stream_row)
        return value | {"streams": [stream]}

    def _part(self, row, prefix, shape):
        value, columns = self._drawn(shape)
        row |= {prefix + column: found for column, found in columns.items()}
        return value

    def _drawn(self, shape):
        """An object with a value for each property, and what the columns must hold."""
        value, row = {}, {}
        for field in shape:
            value[field.property], row[field.column] = self._draw(st.sampled_from(VALUES[field.kind]))
        return value, row

    def _add(self, table, row):
        self.rows.setdefault(table, []).append(row)


@st.composite
def hostile_records(draw):
    """A record, and the columns of each table that it must become."""
    builder = Builder(draw)
    return builder.record(), builder.rows
