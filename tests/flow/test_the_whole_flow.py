"""A call ends, Graph tells, the record is fetched and can be read: over real HTTPS with the real msal."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization

from app.simulator.records import a_call_record
from tests.flow.service import plain

pytestmark = pytest.mark.anyio

SHAPES = {
    "two people": {},
    "three versions on": {"version": 4},
    "a group": {"type": "groupCall", "participants": 5, "segments": 3, "video": True, "sharing": True},
    "old beta": {"shape": "beta", "type": "groupCall", "participants": 4},
    "a telephone": {"pstn": True},
    "guests": {"type": "groupCall", "participants": 6, "guests": 2, "federated": 1, "acs_users": 1, "application_instances": 1},
    "odd identities": {"type": "groupCall", "participants": 6, "odd_identities": ("application", "device", "encrypted", "onPremises")},
    "no organizer": {"participants": 0, "sessions": 1},
    "repeated sessions": {"type": "groupCall", "participants": 4, "sessions": 6, "repeated_sessions": 2},
    "empty media": {"empty_media": True},
    "nulls left out": {"nulls": False},
    "deprecated beside newer": {"deprecated": True, "type": "groupCall", "participants": 3},
    "unknown members and properties": {"unknown_members": True, "extras": True},
    "odd numbers": {"odd_numbers": True},
    "failed": {"failed": True},
    "feedback": {"feedback": True, "poor": True},
    "muted": {"muted": True},
    "pages of sessions, segments and people": {"type": "groupCall", "participants": 23, "sessions": 17, "segments": 5},
    "pages with everything odd": {
        "type": "groupCall",
        "participants": 12,
        "sessions": 11,
        "segments": 4,
        "repeated_sessions": 3,
        "unknown_members": True,
        "extras": True,
        "odd_numbers": True,
        "nulls": False,
    },
    "nothing but a head": {"no_sessions": True, "type": "groupCall", "participants": 3},
}  # fmt: skip
SMALL_PAGES = {"session_page": 6, "participant_page": 8, "segment_page": 3}


def put_every_shape(world):
    made = {shape: a_call_record(seed=number, **recipe) for number, (shape, recipe) in enumerate(SHAPES.items())}
    for document in made.values():
        world.put(document)
    return {shape: document["id"] for shape, document in made.items()}


async def test_a_record_of_every_shape_comes_back_as_graph_holds_it(world, serve_really, database_url):
    world.change_settings(SMALL_PAGES)
    service = await serve_really(database_url=database_url)
    await world.subscriptions.first.wait()
    await everything_comes_back(world, service)


async def test_likewise_with_the_beta_and_a_certificate(world, serve_really, database_url, certificate):
    service = await serve_really(
        database_url=database_url,
        GRAPH_API_VERSION="beta",
        AZURE_CLIENT_SECRET=None,
        AZURE_CLIENT_CERTIFICATE_PATH=certificate,
    )
    await world.subscriptions.first.wait()
    await everything_comes_back(world, service)
    assert {asked.path[:6] for asked in world.journal.requests if "/communications" in asked.path} == {"/beta/"}


async def everything_comes_back(world, service):
    ids = put_every_shape(world)
    await service.holds(ids.values())
    for shape, call_id in ids.items():
        document = world.document(call_id)
        assert plain(await service.record(call_id)) == {"participants_v2": [], **document}, shape
        assert lengths(await service.call(call_id)) == lengths(document), shape
    assert [row["id"] for row in await service.inbox()] == [ids["nothing but a head"]]
    assert world.journal.violations == []
    assert (await service.http.get("/readyz")).status_code == 200


def lengths(call):
    """How many of everything there are; the API has the names of the archive, the document those of Graph."""
    sessions = call.get("sessions", [])
    segments = [segment for session in sessions for segment in session["segments"]]
    media = [medium for segment in segments for medium in segment["media"]]
    people = call.get("participants_v2", call.get("participants"))
    streams = [stream for medium in media for stream in medium["streams"]]
    return [len(each) for each in (people, sessions, segments, media, streams)]


@pytest.fixture
def certificate(key, world, tmp_path):
    """One file with a certificate that the login host knows, and its key."""
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "callkeeper")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, now - timedelta(days=1), now + timedelta(days=1))
    ).sign(key, hashes.SHA256())
    world.directory.add_certificate(made.public_bytes(serialization.Encoding.PEM))
    file = tmp_path / "app.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(made.public_bytes(serialization.Encoding.PEM) + secret)
    return file
