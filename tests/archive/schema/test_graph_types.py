import json

import pytest

from app.archive.parse import convert
from app.archive.parse.record import RecordBuilder
from app.archive.schema import graph_types, tables
from tests.archive.records import NOW, SHARED, TENANT, needs_shared
from tests.some import some

KNOWN = {
    "callRecord": (*graph_types.named("id", "call_id"), *graph_types.CALL_RECORD),
    "organizer": graph_types.ORGANIZER,
    "participant": graph_types.PARTICIPANT,
    "administrativeUnitInfo": graph_types.ADMINISTRATIVE_UNIT,
    "graph_communicationsIdentitySet": graph_types.PARTY_IDENTITY,
    "graph_identitySet": graph_types.IDENTITY,
    "graph_identity": graph_types.IDENTITY,
    "userIdentity": graph_types.IDENTITY,
    "session": graph_types.SESSION,
    "segment": graph_types.SEGMENT,
    "endpoint": graph_types.ENDPOINT,
    "participantEndpoint": graph_types.ENDPOINT,
    "serviceEndpoint": graph_types.ENDPOINT,
    "userAgent": graph_types.USER_AGENT_OWN,
    "clientUserAgent": graph_types.USER_AGENT_OWN,
    "serviceUserAgent": graph_types.USER_AGENT_OWN,
    "userFeedback": graph_types.FEEDBACK,
    "failureInfo": graph_types.FAILURE,
    "media": graph_types.MEDIA,
    "deviceInfo": graph_types.DEVICE,
    "networkInfo": graph_types.NETWORK,
    "traceRouteHop": graph_types.HOP,
    "mediaStream": graph_types.STREAM,
    "feedbackTokenSet": (),  # open, kept as JSON
}


def defs():
    return json.loads((SHARED / "callrecords.schema.json").read_text())["$defs"]


def referred(schema):
    """The names of the types to which a schema refers."""
    if isinstance(schema, dict):
        own = {schema["$ref"].rpartition("/")[2]} if "$ref" in schema else set()
        return own.union(*map(referred, schema.values()))
    return set().union(*map(referred, schema)) if isinstance(schema, list) else set()


def reachable(all_types):
    found, rest = set(), {"callRecord"}
    while rest:
        name = rest.pop()
        found.add(name)
        rest |= referred(all_types[name]) - found
    return {name for name in found if all_types[name].get("type") == "object" or "properties" in all_types[name]}


@needs_shared
def test_every_type_reachable_from_a_call_record_has_a_shape():
    assert reachable(defs()) - set(KNOWN) == set()


@needs_shared
@pytest.mark.parametrize("name", KNOWN)
def test_every_documented_property_has_a_column_or_a_table(name):
    all_types = defs()
    columns = {field.property for field in KNOWN[name]}
    for graph, schema in some(all_types[name]["properties"].items()):
        embedded = referred(schema) & set(KNOWN)
        assert "@odata." in graph or graph in columns or embedded, graph


@pytest.mark.parametrize(
    ("graph", "column"),
    [
        ("reflexiveIPAddress", "reflexive_ip_address"),
        ("azureADAppId", "azure_ad_app_id"),
        ("cpuInsufficentEventRatio", "cpu_insufficent_event_ratio"),
        ("cpuProcessorSpeedInMhz", "cpu_processor_speed_in_mhz"),
        ("isTest", "is_test"),
        ("rmsFreezeDuration", "rms_freeze_duration"),
    ],
)
def test_a_column_has_graphs_name_in_snake_case(graph, column):
    assert graph_types.snake(graph) == column


SUBTYPES = {"caller": "participantEndpoint", "callee": "serviceEndpoint"}


class Specimen:
    """An object of Graph's schema with a value of its own in each property, and what must come of each."""

    def __init__(self):
        self.types = defs()
        self.expected = []

    def of(self, name):
        kinds = {field.property: field.kind for field in KNOWN[name]}
        return {
            graph: self.value(graph, schema, kinds.get(graph))
            for graph, schema in self.types[name]["properties"].items()
            if "@odata." not in graph and graph not in {"organizer", "participants"}
        }

    def value(self, graph, schema, kind):
        if graph in SUBTYPES:
            return self.of(SUBTYPES[graph])
        if graph == "userAgent":
            return self.of("clientUserAgent") | {"role": self.leaf(graph_types.Kind.TEXT)}
        embedded = referred(schema) & set(KNOWN)
        if "graph_communicationsIdentitySet" in embedded:
            return {"user": self.of("graph_identity"), "endpointType": self.leaf(graph_types.Kind.TEXT)}
        if "graph_identitySet" in embedded:
            return None
        if embedded and kind is None:
            (name,) = embedded
            return [self.of(name)] if '"array"' in json.dumps(schema) else self.of(name)
        return self.leaf(kind)

    def leaf(self, kind):
        number = len(self.expected) + 10
        given = {
            graph_types.Kind.TEXT: f"text {number}",
            graph_types.Kind.INTEGER: number,
            graph_types.Kind.FLOAT: number + 0.5,
            graph_types.Kind.SECONDS: f"PT{number}.25S",
            graph_types.Kind.MOMENT: f"2026-01-01T00:{number // 60 % 60:02}:{number % 60:02}.{number:07}Z",
            graph_types.Kind.BOOLEAN: True,
            graph_types.Kind.JSON: [f"json {number}"],
        }[kind]
        self.expected.append(convert.CONVERT[kind](given))
        return given


@needs_shared
def test_every_documented_property_arrives_in_a_row():
    specimen = Specimen()
    record = specimen.of("callRecord")
    builder = RecordBuilder(TENANT, record["id"])
    builder.begin(record)
    done = builder.finish(NOW)
    values = {value for rows in done.children.values() for row in rows for value in row} | set(done.row.values())
    assert len(specimen.expected) > 200
    assert [value for value in specimen.expected if value not in values | {record["id"]}] == []


def test_rows_are_as_wide_as_their_tables():
    assert len(tables.streams.columns) == 5 + len(graph_types.STREAM)
    assert len(tables.media.columns) == 4 + len(graph_types.MEDIA)
