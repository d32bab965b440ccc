import asyncio

import httpx
import jwt
import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
    pkcs12,
)

from app.graph.auth.bearer import GraphAuth
from app.graph.auth.credentials import Certificate, FederatedToken, ManagedIdentity, Secret
from app.graph.auth.login import Login
from app.graph.errors import LoginFailed, Refused
from app.graph.transport import http_client
from tests.graph.graph_server import ID, SESSIONS, WHOLE, GraphServer, Reply, a_call_record, refusal
from tests.graph.login_server import APPLICATION, TENANT, LoginServer, a_token, rejected
from tests.graph.login_server import TOKEN as TOKEN_ROUTE

pytestmark = pytest.mark.anyio

SECRET = "s3cret~Value+/="


@pytest.fixture(scope="session")
def authority():
    return trustme.CA()


@pytest.fixture
def ca_file(authority, tmp_path):
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    return tmp_path / "ca.pem"


@pytest.fixture
async def login(anyio_backend, authority):
    async with LoginServer(authority) as server:
        yield server


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def auth_with(login, graph, ca_file, clock):
    def make(credential, **changes):
        given = {
            "tenant_id": TENANT,
            "client_id": APPLICATION,
            "login": login.root,
            "graph_root": graph.root,
            "ca_file": ca_file,
        }
        own_clock = changes.pop("clock", clock)
        return GraphAuth(Login(credential=credential, **given | changes), own_clock)

    return make


@pytest.fixture
def auth(auth_with):
    return auth_with(Secret(SECRET))


@pytest.fixture
def parts_of(client_with, auth):
    """Reads the record with a client of its own."""

    async def read():
        return [part async for part in client_with(auth=auth).call_record(ID)]

    return read


async def test_a_secret_is_sent_for_the_clouds_own_scope(auth, login, graph):
    assert await auth.token() == "token-1"
    (form,) = login.forms
    assert form["client_secret"] == SECRET
    assert form["scope"] == f"{graph.root}/.default"
    assert form["grant_type"] == "client_credentials"


async def test_fifty_cold_calls_make_one_token_request(auth, login):
    assert set(await asyncio.gather(*(auth.token() for _ in range(50)))) == {"token-1"}
    assert len(login.forms) == 1


async def test_fifty_cold_calls_share_one_failure(auth, login):
    login.on(TOKEN_ROUTE, rejected())
    outcomes = await asyncio.gather(*(auth.token() for _ in range(50)), return_exceptions=True)
    assert {type(outcome) for outcome in outcomes} == {LoginFailed}
    assert len(login.forms) == 1


async def test_a_cancelled_login_leaves_the_others_with_a_token(auth, login):
    reached = asyncio.Event()

    async def slowly(request):
        reached.set()
        return a_token()

    login.on(TOKEN_ROUTE, slowly)
    calls = [asyncio.ensure_future(auth.token()) for _ in range(3)]
    await reached.wait()
    calls[0].cancel()
    assert await asyncio.gather(*calls[1:]) == ["token-1", "token-1"]


async def test_a_token_is_renewed_five_minutes_before_its_end(auth, login, clock):
    login.on(TOKEN_ROUTE, a_token("token-1", 301), a_token("token-2"))
    assert await auth.token() == "token-1"
    clock.now += 150
    assert await auth.token() == "token-1"
    clock.now += 1
    # msal itself counts a token as too old in its last five minutes; here its clock stands still.
    auth._login._app = None
    assert await auth.token() == "token-2"


async def test_a_token_still_good_outlives_a_failed_renewal(auth, login, clock):
    await auth.token()
    login.on(TOKEN_ROUTE, rejected())
    auth._login._app = None
    clock.now += 3301
    assert await auth.token() == "token-1"
    assert await auth.token() == "token-1"
    assert len(login.forms) == 2
    clock.now += 300
    with pytest.raises(LoginFailed):
        await auth.token()


async def test_a_401_renews_the_token_once_and_repeats_the_request(login, graph, parts_of):
    login.on(TOKEN_ROUTE, a_token("old"), a_token("new"))
    graph.on(WHOLE, refusal(401), a_call_record())
    (part,) = await parts_of()
    assert part.value["id"] == ID
    assert [asked.headers["Authorization"] for asked in graph.asked] == ["Bearer old", "Bearer new"]


async def test_a_lasting_401_is_a_failed_login_after_two_requests(login, graph, parts_of):
    graph.on(WHOLE, refusal(401, "InvalidAuthenticationToken"))
    with pytest.raises(LoginFailed) as raised:
        await parts_of()
    assert raised.value.status == 401
    assert len(graph.asked) == len(login.forms) == 2


async def test_after_a_403_the_next_request_has_a_new_token_but_not_more_than_one_a_minute(
    login, graph, clock, parts_of
):
    """A permission that was granted meanwhile is in new tokens only."""
    login.on(TOKEN_ROUTE, a_token("old"), a_token("new"))
    graph.on(WHOLE, *[refusal(403)] * 3, a_call_record())
    for seconds, logins in ((0, 1), (59, 1), (1, 1), (0, 2)):
        clock.now += seconds
        if logins == 1:
            with pytest.raises(Refused):
                await parts_of()
        else:
            await parts_of()
        assert len(login.forms) == logins
    assert [asked.headers["Authorization"] for asked in graph.asked] == ["Bearer old"] * 3 + ["Bearer new"]


async def test_many_requests_refused_at_once_renew_the_token_once(login, graph, parts_of):
    login.on(TOKEN_ROUTE, a_token("old"), a_token("new"))

    async def by_token(request):
        return refusal(401) if request.headers["Authorization"] == "Bearer old" else Reply(a_call_record())

    graph.on(WHOLE, by_token)
    await asyncio.gather(*(parts_of() for _ in range(10)))
    assert len(login.forms) == 2


@pytest.mark.parametrize("url", ["https://{host}", "http://localhost:{port}", "http://127.0.0.1"])
async def test_the_token_goes_to_no_other_host(auth, graph, http, login, url):
    host = graph.root.removeprefix("http://")
    with pytest.raises(Refused):
        await http.get(url.format(host=host, port=host.partition(":")[2]), auth=auth)
    assert login.asked == []


async def test_a_link_to_another_host_gets_no_token(graph, elsewhere, parts_of):
    graph.on(WHOLE, a_call_record(**{"sessions@odata.nextLink": f"{elsewhere.root}{SESSIONS}&$skiptoken=2"}))
    await parts_of()
    assert elsewhere.asked == []


@pytest.mark.parametrize(
    "description", ["Invalid client secret provided", f"Secret {SECRET} is wrong", f"Secret {SECRET!r} is wrong"]
)
async def test_a_wrong_secret_is_explained_without_it(auth, login, description):
    login.on(TOKEN_ROUTE, rejected(description=description))
    with pytest.raises(LoginFailed) as raised:
        await auth.token()
    assert raised.value.code == "AADSTS7000215"
    assert "Value, not its ID" in str(raised.value)
    assert "Trace ID" not in str(raised.value)
    assert SECRET not in str(raised.value)
    assert SECRET not in repr(Secret(SECRET))


async def test_after_a_failure_the_next_login_works(auth, login):
    login.on(TOKEN_ROUTE, rejected(), a_token())
    with pytest.raises(LoginFailed):
        await auth.token()
    assert await auth.token() == "token-1"


async def test_a_login_that_is_not_there_says_where_it_was_looked_for(auth_with):
    with pytest.raises(LoginFailed, match="localhost:1 could not be reached"):
        await auth_with(Secret(SECRET), login="https://localhost:1").token()


async def test_an_untrusted_login_names_the_setting_that_helps(auth_with):
    with pytest.raises(LoginFailed, match="SSL_CERT_FILE"):
        await auth_with(Secret(SECRET), ca_file=None).token()


async def test_the_environments_own_authorities_do_not_win(auth, monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/dev/null")
    assert await auth.token() == "token-1"


async def test_an_unknown_tenant_is_a_failed_login(auth_with):
    with pytest.raises(LoginFailed, match="tenant"):
        await auth_with(Secret(SECRET), tenant_id="00000000-0000-0000-0000-000000000000").token()


async def test_a_login_by_plain_http_is_refused(auth_with, graph):
    with pytest.raises(LoginFailed, match="https"):
        await auth_with(Secret(SECRET), login=graph.root).token()


async def test_the_secret_does_not_follow_a_redirect(auth, login, elsewhere):
    login.on(TOKEN_ROUTE, Reply(b"", 307, {"Location": f"{elsewhere.root}/token"}))
    with pytest.raises(LoginFailed):
        await auth.token()
    assert elsewhere.asked == []


@pytest.fixture(scope="session")
def key_pair(authority):
    issued = trustme.CA().issue_cert("app.example", key_type=trustme.KeyType.RSA)
    key = load_pem_private_key(issued.private_key_pem.bytes(), None)
    return key, x509.load_pem_x509_certificate(issued.cert_chain_pems[0].bytes())


def pem(key, certificate, password=None, form=PrivateFormat.PKCS8):
    hidden = BestAvailableEncryption(password.encode()) if password else NoEncryption()
    return certificate.public_bytes(Encoding.PEM) + key.private_bytes(Encoding.PEM, form, hidden)


def pfx(key, certificate, password=None, form=None):
    hidden = BestAvailableEncryption(password.encode()) if password else NoEncryption()
    return pkcs12.serialize_key_and_certificates(b"app", key, certificate, None, hidden)


@pytest.mark.parametrize("form", [PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL])
@pytest.mark.parametrize("password", [None, "pässword"])
@pytest.mark.parametrize("write", [pem, pfx])
async def test_a_certificate_signs_what_is_sent(auth_with, login, key_pair, tmp_path, write, password, form):
    file = tmp_path / "app.crt"
    file.write_bytes(write(*key_pair, password, form))
    await auth_with(Certificate(file, password)).token()
    (sent,) = login.forms
    claims = jwt.decode(
        sent["client_assertion"], key_pair[0].public_key(), algorithms=["PS256"], audience=login.root + TOKEN_ROUTE
    )
    assert claims["iss"] == APPLICATION
    assert "x5t#S256" in jwt.get_unverified_header(sent["client_assertion"])


async def test_a_password_for_a_key_that_has_none_does_no_harm(auth_with, key_pair, tmp_path):
    file = tmp_path / "app.pem"
    file.write_bytes(pem(*key_pair))
    assert await auth_with(Certificate(file, "needless")).token() == "token-1"


@pytest.mark.parametrize(("write", "given"), [(pem, None), (pem, "wrong"), (pfx, None), (pfx, "wrong")])
async def test_a_wrong_certificate_password_is_a_failed_login(auth_with, key_pair, tmp_path, write, given):
    file = tmp_path / "app.crt"
    file.write_bytes(write(*key_pair, "right"))
    with pytest.raises(LoginFailed, match=r"app.crt cannot be used .*; check the file and its password"):
        await auth_with(Certificate(file, given)).token()


@pytest.mark.parametrize(("contents", "missing"), [("key", "certificate"), ("certificate", "private key")])
async def test_half_a_certificate_names_the_missing_half(auth_with, key_pair, tmp_path, contents, missing):
    file = tmp_path / "app.pem"
    certificate, marker, key = pem(*key_pair).partition(b"-----BEGIN PRIVATE")
    file.write_bytes(marker + key if contents == "key" else certificate)
    with pytest.raises(LoginFailed, match=f"contains no {missing}"):
        await auth_with(Certificate(file)).token()


@pytest.mark.parametrize("write", [pem, pfx])
async def test_a_key_that_entra_does_not_take_is_a_failed_login(auth_with, tmp_path, write):
    issued = trustme.CA().issue_cert("app.example", key_type=trustme.KeyType.ECDSA)
    key = load_pem_private_key(issued.private_key_pem.bytes(), None)
    file = tmp_path / "app.crt"
    file.write_bytes(write(key, x509.load_pem_x509_certificate(issued.cert_chain_pems[0].bytes())))
    with pytest.raises(LoginFailed, match="not an RSA key, and Entra accepts only RSA keys; create"):
        await auth_with(Certificate(file)).token()


@pytest.mark.parametrize(("half", "missing"), [(0, "private key"), (1, "certificate")])
async def test_half_a_pfx_names_the_missing_half(auth_with, key_pair, tmp_path, half, missing):
    halves = list(key_pair)
    halves[half] = None
    file = tmp_path / "app.pfx"
    file.write_bytes(pfx(*halves))
    with pytest.raises(LoginFailed, match=f"contains no {missing}"):
        await auth_with(Certificate(file)).token()


@pytest.mark.parametrize("credential", [Certificate, FederatedToken])
async def test_a_file_that_is_missing_or_empty_is_named(auth_with, tmp_path, credential):
    with pytest.raises(LoginFailed, match=r"nowhere.pem cannot be read \(No such file"):
        await auth_with(credential(tmp_path / "nowhere.pem")).token()
    (tmp_path / "nowhere.pem").touch()
    with pytest.raises(LoginFailed, match=r"nowhere\.pem is empty"):
        await auth_with(credential(tmp_path / "nowhere.pem")).token()


async def test_a_replaced_certificate_is_read_after_the_old_one_failed(auth_with, login, key_pair, tmp_path):
    file = tmp_path / "app.pem"
    auth = auth_with(Certificate(file))
    file.write_bytes(b"-----BEGIN nothing")
    with pytest.raises(LoginFailed):
        await auth.token()
    file.write_bytes(pem(*key_pair))
    assert await auth.token() == "token-1"


async def test_a_federated_token_is_read_again_at_each_login(auth_with, login, tmp_path):
    file = tmp_path / "federated"
    auth = auth_with(FederatedToken(file))
    for assertion in ("first", "second"):
        file.write_text(f"{assertion}\n")
        await auth._renewed(rejected=auth._value or None)
    assert [form["client_assertion"] for form in login.forms] == ["first", "second"]


@pytest.mark.parametrize("client_id", [None, "user-assigned"])
async def test_a_managed_identity_asks_its_machine_for_the_resource(
    auth_with, graph, elsewhere, monkeypatch, client_id
):
    monkeypatch.setenv("IDENTITY_ENDPOINT", f"{elsewhere.root}/token")
    monkeypatch.setenv("IDENTITY_HEADER", "header")
    asked = f"/token?api-version=2019-08-01&resource={graph.root}" + (f"&client_id={client_id}" if client_id else "")
    expires_on = 32_503_680_000
    elsewhere.on(
        asked, {"access_token": "first", "expires_on": expires_on}, {"access_token": "second", "expires_on": expires_on}
    )
    auth = auth_with(ManagedIdentity(client_id))
    assert await auth.token() == "first"
    assert await auth._renewed(rejected="first") == "second"
    assert {request.headers["X-IDENTITY-HEADER"] for request in elsewhere.asked} == {"header"}


async def test_a_machine_without_an_identity_is_a_failed_login(auth_with, elsewhere, monkeypatch):
    monkeypatch.setenv("IDENTITY_ENDPOINT", f"{elsewhere.root}/token")
    monkeypatch.setenv("IDENTITY_HEADER", "header")
    with pytest.raises(LoginFailed):
        await auth_with(ManagedIdentity()).token()


async def test_requests_leave_through_the_environments_proxy_except_to_its_exceptions(graph, monkeypatch):
    async with GraphServer() as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.root)
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        proxy.on("http://graph.example/x", {"by": "proxy"})
        graph.on("/x", {"by": "itself"})
        async with http_client.client(ca_file=None) as http:
            assert (await http.get("http://graph.example/x")).json() == {"by": "proxy"}
            assert (await http.get(f"{graph.root}/x")).json() == {"by": "itself"}


async def test_a_proxy_of_another_kind_is_refused_at_the_start(monkeypatch):
    monkeypatch.setenv("ALL_PROXY", "socks5://127.0.0.1:1")
    with pytest.raises(ValueError, match="socks5 proxy"):
        http_client.client(ca_file=None)


async def test_tls_trusts_the_given_authority_and_no_other(authority, login, ca_file):
    login.on("/x", {})
    async with http_client.client(ca_file=ca_file) as http, http_client.client(ca_file=None) as strict:
        assert (await http.get(f"{login.root}/x")).status_code == 200
        with pytest.raises(httpx.TransportError):
            await strict.get(f"{login.root}/x")


async def test_cookies_are_not_kept(graph, http):
    graph.on("/x", Reply({}, headers={"Set-Cookie": "tenant=a; Path=/"}))
    await http.get(f"{graph.root}/x")
    await http.get(f"{graph.root}/x")
    assert "Cookie" not in graph.asked[1].headers
