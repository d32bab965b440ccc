"""The pure parts of the doctor: what was found, as a sentence and a remedy. Tables, without network or database."""

import errno
import socket
import ssl
from datetime import UTC, datetime, timedelta

import jwt
import pytest

from app.doctor import collecting, connection_errors
from app.doctor.database import postgresql, schema_and_keys, sqlite_file
from app.doctor.finding import CHECKS, failed
from app.doctor.network import clock, graph, handshake, login, notifications, permission, private_address
from app.doctor.redaction import without
from app.graph.auth.credentials import ManagedIdentity, Secret
from app.graph.clouds import CLOUDS
from app.graph.errors import LoginFailed, Refused
from app.graph.transport.answers import Answer
from app.health.tenant import Tenant
from app.runtime.cloud_hosts import CloudHosts

CLOUD = CloudHosts("https://login.microsoftonline.us", "https://graph.microsoft.us", "an-app")
CONSENT = "https://login.microsoftonline.us/a-tenant/adminconsent?client_id=an-app"


@pytest.mark.parametrize(
    ("seconds", "state"),
    [(0, "ok"), (29, "ok"), (-29, "ok"), (30, "warning"), (-299, "warning"), (300, "failed"), (-9999, "failed")],
)
def test_skews(seconds, state):
    assert clock.check(timedelta(seconds=seconds)).state == state


@pytest.mark.parametrize("date", ["", "soon", "Sat, 99 Nov 2026 10:00:00 GMT"])
def test_a_date_that_makes_no_sense_tells_nothing(date):
    now = datetime(2026, 11, 21, 10, tzinfo=UTC)
    assert clock.ahead(date, now, now) is None


def test_a_date_is_compared_with_the_middle_of_the_request():
    sent = datetime(2026, 11, 21, 10, 1, 0, tzinfo=UTC)
    skew = clock.ahead("Sat, 21 Nov 2026 10:00:00 GMT", sent, sent + timedelta(seconds=3))
    assert skew == timedelta(seconds=61)


@pytest.mark.parametrize(
    ("code", "wanted"),
    [
        ("AADSTS7000215", "Value, not its ID"),
        ("AADSTS7000222", "expired"),
        ("AADSTS700016", CONSENT),
        ("AADSTS7000229", CONSENT),
        ("AADSTS7000112", "enable the app"),
        ("AADSTS700027", "upload this certificate"),
        ("AADSTS700024", "clock"),
        ("AADSTS700213", "federated credential"),
        ("AADSTS90002", "AZURE_TENANT_ID"),
        ("AADSTS500011", "https://graph.microsoft.us"),
        ("AADSTS53003", "conditional access policy"),
        ("AADSTS99999999", "look the code up"),
        (None, "AZURE_CLIENT_ID"),
    ],
)
def test_what_entra_refuses_with_has_a_remedy(code, wanted):
    assert wanted in login.remedy(LoginFailed("no", code=code), Secret("x"), CLOUD, "a-tenant")


def _token(**claims):
    return jwt.encode(claims, "a-key-long-enough-for-hs256-of-a-test")


@pytest.mark.parametrize(
    ("token", "state"),
    [
        (_token(roles=["CallRecords.Read.All"]), "ok"),
        (_token(roles=["CallRecords.Read.All", "Mail.Read"]), "warning"),
        (_token(roles=["Mail.Read"]), "failed"),
        (_token(roles="CallRecords.Read.All"), "failed"),
        (_token(scp="CallRecords.Read.All"), "failed"),
        (_token(), "failed"),
        ("an opaque token", "warning"),
    ],
)
def test_roles(token, state):
    check = permission.check(token, Secret("x"), CONSENT, "a-tenant")
    assert check.state == state
    assert state != "failed" or CONSENT in check.remedy


def test_a_managed_identity_has_no_page_for_consent():
    remedy = permission.check(_token(roles=[]), ManagedIdentity(), CONSENT, "a-tenant").remedy
    assert "New-MgServicePrincipalAppRoleAssignment" in remedy
    assert CONSENT not in remedy


@pytest.mark.parametrize("credential", [Secret("x"), ManagedIdentity()], ids=["secret", "managed identity"])
def test_what_graph_refuses_has_the_remedy_of_a_missing_role(credential):
    remedy = graph.check(Refused("no", status=403), credential, CLOUD, "a-tenant").remedy
    assert remedy == permission.grant(credential, CLOUD.consent_url("a-tenant"))


@pytest.mark.parametrize("code", ["AADSTS65001", "AADSTS7000215"])
def test_a_managed_identity_has_no_secret_and_no_consent_to_fix(code):
    remedy = login.remedy(LoginFailed("no", code=code), ManagedIdentity(), CLOUD, "a-tenant")
    assert "identity" in remedy
    assert "consent" not in remedy


@pytest.mark.parametrize(
    ("host", "addresses", "state"),
    [
        ("localhost", ["127.0.0.1"], "failed"),
        ("10.1.2.3", ["10.1.2.3"], "failed"),
        ("calls.example.com", ["192.168.1.9", "fd00::1"], "warning"),
        ("calls.example.com", ["192.168.1.9", "93.184.216.34"], None),
        ("calls.example.com", ["93.184.216.34"], None),
        ("calls.example.com", [], None),
    ],
)
def test_addresses_that_microsoft_cannot_reach(host, addresses, state):
    check = private_address.private(host, addresses)
    assert (check and check.state) == state


@pytest.mark.parametrize("cloud", CLOUDS.values(), ids=CLOUDS)
def test_the_graph_of_every_cloud_is_microsofts(cloud):
    assert CloudHosts(cloud.login, cloud.graph, "").are_microsofts
    assert not CloudHosts(cloud.login, "https://localhost:9443", "").are_microsofts


def _verification(code):
    error = ssl.SSLCertVerificationError("no")
    error.verify_code = code
    return error


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (socket.gaierror(-2, "Name or service not known"), "name"),
        (ConnectionRefusedError(errno.ECONNREFUSED, "no"), "refused"),
        (OSError("Multiple exceptions: [Errno 111] Connect call failed ('::1', 1), …"), "refused"),
        (TimeoutError(), "timeout"),
        (OSError(errno.EHOSTUNREACH, "no"), "unreachable"),
        (ConnectionResetError(errno.ECONNRESET, "no"), "closed"),
        (_verification(10), "expired"),
        (_verification(18), "untrusted"),
        (_verification(20), "untrusted"),
        (_verification(62), "wrong_name"),
        (ssl.SSLError(1, "wrong version number"), "tls"),
        (RuntimeError("odd"), "closed"),
    ],
)
def test_causes_are_found_behind_other_errors(error, cause):
    outer = RuntimeError("outer")
    outer.__cause__ = error
    assert connection_errors.cause(outer) == cause


def test_a_secret_is_hidden_in_every_form():
    check = failed("login", "s3cret/1 s3cret%2F1 eyJhbGciOiJIUzI1NiJ9.eyJhIjoxfQ.c2ln", "not s3cret/1\nagain")
    hidden = without(["s3cret/1"], check)
    assert (hidden.found, hidden.remedy) == ("… … …", "not … again")


def test_the_token_survives_only_a_decoder_that_decodes_once():
    good = Answer(200, {"content-type": "text/plain"}, handshake.TOKEN.encode())
    assert handshake.judge(good) is None
    twice = handshake.TOKEN.replace("%2B", "+").encode()
    for body in (twice, handshake.TOKEN.replace("+", " ").encode()):
        assert handshake.judge(good._replace(body=body)) is not None


def test_every_check_has_one_name():
    parts = [sqlite_file, postgresql, schema_and_keys, clock, login, permission, private_address, collecting]
    names = [value for part in parts for name, value in vars(part).items() if name.isupper() and value in CHECKS]
    assert set(names) <= set(CHECKS)
    assert len(set(CHECKS)) == len(CHECKS)


@pytest.mark.parametrize(
    ("state", "at", "wanted"),
    [
        ({}, None, "none has arrived yet"),
        ({"notified_at": 5}, None, "5 min ago"),
        (
            {"not_understood_total": 3, "notified_at": 1},
            8 * 24 * 60,
            "all notifications of the last 7 days could be read",
        ),
        (
            {"not_understood_total": 1},
            60,
            "1 notification from Graph could not be read, the last one 1 h ago: a=x3",
        ),
        ({"not_understood_total": 3}, 6 * 24 * 60, "3 notifications"),
    ],
)
def test_notifications_that_could_not_be_read_are_shown_for_a_week(state, at, wanted):
    now = datetime(2026, 11, 21, 10, tzinfo=UTC)
    if "notified_at" in state:
        state |= {"notified_at": now - timedelta(minutes=state["notified_at"])}
    if at is not None:
        state |= {"not_understood_at": now - timedelta(minutes=at), "not_understood_shape": "a=x3"}
    check = notifications.check(Tenant("t", **state), now)
    assert wanted in check.found
    assert check.state == ("warning" if "could not be read" in check.found else "ok")
    assert "\n" not in check.found
