import json

import pytest

from app.archive import convert, models, shapes
from app.archive.record import RecordBuilder
from tests.archive.records import NOW, SHARED, TENANT, needs_shared

KNOWN = {
    "callRecord": (*shapes.named("id", "call_id"), *shapes.CALL_RECORD),
    "organizer": shapes.ORGANIZER,
    "participant": shapes.PARTICIPANT,
    "administrativeUnitInfo": shapes.ADMINISTRATIVE_UNIT,
    "graph_communicationsIdentitySet": shapes.PARTY_IDENTITY,
    "graph_identitySet": shapes.IDENTITY,
    "graph_identity": shapes.IDENTITY,
    "userIdentity": shapes.IDENTITY,
    "session": shapes.SESSION,
    "segment": shapes.SEGMENT,
    "endpoint": shapes.ENDPOINT,
    "participantEndpoint": shapes.ENDPOINT,
    "serviceEndpoint": shapes.ENDPOINT,
    "userAgent": shapes.USER_AGENT_OWN,
    "clientUserAgent": shapes.USER_AGENT_OWN,
    "serviceUserAgent": shapes.USER_AGENT_OWN,
    "userFeedback": shapes.FEEDBACK,
    "failureInfo": shapes.FAILURE,
    "media": shapes.MEDIA,
    "deviceInfo": shapes.DEVICE,
    "networkInfo": shapes.NETWORK,
    "traceRouteHop": shapes.HOP,
    "mediaStream": shapes.STREAM,
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
    for graph, schema in all_types[name]["properties"].items():
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
    assert shapes.snake(graph) == column


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
            return self.of("clientUserAgent") | {"role": self.leaf(shapes.Kind.TEXT)}
        embedded = referred(schema) & set(KNOWN)
        if "graph_communicationsIdentitySet" in embedded:
            return {"user": self.of("graph_identity"), "endpointType": self.leaf(shapes.Kind.TEXT)}
        if "graph_identitySet" in embedded:
            return None
        if embedded and kind is None:
            (name,) = embedded
            return [self.of(name)] if '"array"' in json.dumps(schema) else self.of(name)
        return self.leaf(kind)

    def leaf(self, kind):
        number = len(self.expected) + 10
        given = {
            shapes.Kind.TEXT: f"text {number}",
            shapes.Kind.INTEGER: number,
            shapes.Kind.FLOAT: number + 0.5,
            shapes.Kind.SECONDS: f"PT{number}.25S",
            shapes.Kind.MOMENT: f"2026-01-01T00:{number // 60 % 60:02}:{number % 60:02}.{number:07}Z",
            shapes.Kind.BOOLEAN: True,
            shapes.Kind.JSON: [f"json {number}"],
        }[kind]
        self.expected.append(convert.CONVERT[kind](given))
        return given


@needs_shared
def test_every_documented_property_arrives_in_a_row():
    specimen = Specimen()
    record = specimen.of("callRecord")
    builder = RecordBuilder(TENANT, record["id"])
    builder.add("record", record)
    done = builder.finish(NOW)
    values = {value for rows in done.children.values() for row in rows for value in row} | set(done.row.values())
    assert len(specimen.expected) > 200
    assert [value for value in specimen.expected if value not in values | {record["id"]}] == []


def test_rows_are_as_wide_as_their_tables():
    assert len(models.streams.columns) == 5 + len(shapes.STREAM)
    assert len(models.media.columns) == 4 + len(shapes.MEDIA)
