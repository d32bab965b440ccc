"""The login's keys change, vanish, or cannot be had."""

import asyncio

import pytest

from app.access import signing_keys
from app.access.caller import LoginUnavailable, Unauthenticated
from app.access.signing_keys import EXPIRES_AFTER, REFETCH_AFTER, SigningKeys
from tests.access.entra import another_key, by_hand, thumbprint

pytestmark = pytest.mark.anyio


@pytest.fixture
def rotating(entra):
    """The login's key is the tests' common one: put it back."""
    mint = entra.world.mint
    before = mint.key
    yield entra
    mint.key = before


async def test_a_token_signed_with_a_new_key_is_taken_once_the_keys_are_fetched_again(rotating):
    entra = rotating
    old = entra.token()
    await entra.tokens.caller(old)
    entra.rotate()
    entra.clock.now += REFETCH_AFTER
    assert await entra.tokens.caller(entra.token())
    assert entra.fetches() == 2
    with pytest.raises(Unauthenticated):  # the login publishes the old key no longer
        await entra.tokens.caller(old)


async def test_unknown_key_ids_fetch_the_keys_no_more_often_than_the_pause_allows(entra):
    await entra.tokens.caller(entra.token())
    for _ in range(5):
        with pytest.raises(Unauthenticated):
            await entra.tokens.caller(entra.token(header={"kid": "unknown"}))
    assert entra.fetches() == 1
    entra.clock.now += REFETCH_AFTER
    for _ in range(5):
        with pytest.raises(Unauthenticated):
            await entra.tokens.caller(entra.token(header={"kid": "unknown"}))
    assert entra.fetches() == 2


async def test_a_key_that_was_withdrawn_is_forgotten_after_a_day(rotating):
    entra = rotating
    token = entra.token()
    await entra.tokens.caller(token)
    entra.rotate()
    entra.clock.now += EXPIRES_AFTER - 1
    assert await entra.tokens.caller(token)
    entra.clock.now += 1
    with pytest.raises(Unauthenticated):
        await entra.tokens.caller(token)


@pytest.mark.parametrize("fault", [{"fault": "status"}, {"fault": "cut"}, {"fault": "not_json"}, {"fault": "truncate"}])
async def test_without_the_logins_keys_no_token_can_be_checked(entra, fault):
    entra.world.faults.add(fault | {"match": {"path": "discovery"}, "times": 1})
    for _ in range(3):  # asked once, then not again before the pause is over
        with pytest.raises(LoginUnavailable):
            await entra.tokens.caller(entra.token())
    assert entra.fetches() == 1
    entra.clock.now += REFETCH_AFTER
    assert await entra.tokens.caller(entra.token())


async def test_keys_once_fetched_serve_while_the_login_is_away(entra):
    token = entra.token()
    await entra.tokens.caller(token)
    entra.world.faults.add({"fault": "status", "match": {"path": "discovery"}})
    entra.clock.now += EXPIRES_AFTER
    assert await entra.tokens.caller(token)
    assert entra.fetches() == 2
    with pytest.raises(Unauthenticated):
        await entra.tokens.caller(entra.token(header={"kid": "unknown"}))


async def test_a_login_with_an_untrusted_certificate_is_not_believed(entra):
    keys = SigningKeys(entra.running.url, None)
    with pytest.raises(LoginUnavailable):
        await keys.key(entra.tenant, entra.world.mint.key_id)
    assert entra.fetches() == 0


async def test_a_login_that_does_not_listen_is_unavailable(free_tcp_port, tmp_path):
    keys = SigningKeys(f"http://127.0.0.1:{free_tcp_port}", None)
    with pytest.raises(LoginUnavailable):
        await keys.key("any", "any")


async def test_a_redirect_is_not_followed(entra):
    """The keys are those of the configured host, or none."""

    async def answer(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        there = f"{entra.running.url}/{entra.tenant}/discovery/v2.0/keys"
        writer.write(f"HTTP/1.1 302 Found\r\nLocation: {there}\r\nContent-Length: 0\r\n\r\n".encode())
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        keys = SigningKeys(f"http://127.0.0.1:{port}", entra.keys._ca_file)
        with pytest.raises(LoginUnavailable):
            await keys.key(entra.tenant, entra.world.mint.key_id)
    assert entra.fetches() == 0


RSA = {"kty": "RSA", "use": "sig", "kid": "a", "n": "AQAB", "e": "AQAB"}


@pytest.mark.parametrize(
    "document",
    [None, [], {}, {"keys": None}, {"keys": []}, {"keys": ["x", 5, None]}, {"keys": [{"kty": "EC", "kid": "a"}]}]
    + [{"keys": [RSA | change]} for change in ({"use": "enc"}, {"alg": "RS512"}, {"kid": 5}, {"n": ""}, {"e": None})],
)
async def test_a_document_without_a_usable_key_is_no_answer(document):
    with pytest.raises(ValueError, match="key"):
        signing_keys._usable(document)


async def test_keys_of_other_kinds_are_passed_over(entra):
    (ours,) = entra.world.mint.jwks()["keys"]
    others = [{"kty": "EC", "kid": "b", "crv": "P-256"}, ours | {"use": "enc", "kid": "c"}]
    assert set(signing_keys._usable({"keys": [*others, ours]})) == {ours["kid"]}


async def test_a_token_that_names_the_right_key_but_is_signed_by_another_is_refused(entra):
    key = another_key()
    assert thumbprint(key) != entra.world.mint.key_id
    with pytest.raises(Unauthenticated, match="signature"):
        await entra.tokens.caller(entra.token(key=key))
    with pytest.raises(Unauthenticated):
        await entra.tokens.caller(by_hand({"alg": "RS256", "kid": thumbprint(key)}, entra.claims()))
