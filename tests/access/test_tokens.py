"""Entra ID tokens, right and wrong, against a real login server and its own signing keys."""

import asyncio
import hashlib
import hmac

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.access.caller import Caller, MissingRole, Unauthenticated
from app.access.token_claims import LARGEST, LEEWAY
from tests.access.entra import AUDIENCE, PERSON, STRANGE_TENANT, another_key, by_hand, seconds_from_now, tampered

pytestmark = pytest.mark.anyio


WORD = 16  # shorter ones may stand in the refusal by chance


async def refused(entra, token):
    with pytest.raises(Unauthenticated) as caught:
        await entra.tokens.caller(token)
    assert caught.value.reason == "token"
    assert len(token) < WORD or token not in str(caught.value)
    return str(caught.value)


async def test_an_application_with_the_read_role_reads_its_own_tenants_calls(entra):
    assert await entra.tokens.caller(entra.token()) == Caller(entra.application, "read", (entra.tenant,))


async def test_the_admin_role_is_the_scope_admin(entra):
    for roles in (["CallRecords.Admin"], ["CallRecords.Read", "CallRecords.Admin", "Other"]):
        assert (await entra.tokens.caller(entra.token(roles=roles))).scope == "admin"


async def test_a_v1_token_and_a_v2_token_are_both_taken(entra):
    v1 = entra.token(iss=f"https://sts.windows.net/{entra.tenant}/", azp=None, ver="1.0")
    v2 = entra.token(appid=None, ver="2.0")
    for token in (v1, v2):
        assert (await entra.tokens.caller(token)).name == entra.application


async def test_a_person_is_named_by_the_object_id_alone(entra):
    about = {"oid": PERSON, "name": "Ada", "upn": "ada@contoso.com", "preferred_username": "ada@contoso.com"}
    assert (await entra.tokens.caller(entra.token(scp="access", **about))).name == PERSON
    assert (await entra.tokens.caller(entra.token(oid=PERSON))).name == entra.application


@pytest.mark.parametrize("roles", [None, [], ["CallRecords.Read.All"], ["callrecords.read"], "CallRecords.Read", {}, 1])
async def test_without_a_role_of_ours_a_token_opens_nothing(entra, roles):
    with pytest.raises(MissingRole, match="app roles") as caught:
        await entra.tokens.caller(entra.token(roles=roles))
    assert (caught.value.name, caught.value.tenants) == (entra.application, (entra.tenant,))


@pytest.mark.parametrize(
    "aud", ["https://graph.microsoft.com", "api://callkeeper/", "API://CALLKEEPER", "", [], ["x"], None, 1]
)
async def test_a_token_for_another_audience_is_refused(entra, aud):
    await refused(entra, entra.token(aud=aud))


@pytest.mark.parametrize(
    "issuer",
    [
        "{login}/{other}/v2.0",
        "https://sts.windows.net/{other}/",
        "https://sts.windows.net/{tenant}",
        "{login}/{tenant}/v2.0/",
        "{login}/{tenant}",
        "{login}/common/v2.0",
        "https://login.microsoftonline.com/{tenant}/v2.0",
        "https://evil.example/{tenant}/v2.0",
        "",
    ],
)
async def test_a_token_of_another_issuer_is_refused(entra, issuer):
    text = issuer.format(login=entra.running.url, tenant=entra.tenant, other=STRANGE_TENANT)
    assert "issuer" in await refused(entra, entra.token(iss=text))


@pytest.mark.parametrize("name", ["exp", "nbf", "iat", "iss", "aud", "tid"])
async def test_a_token_that_lacks_a_claim_is_refused(entra, name):
    await refused(entra, entra.token(**{name: None}))


@pytest.mark.parametrize("tid", [STRANGE_TENANT, "common", "../../_control", "", [], 7])
async def test_a_token_of_a_tenant_that_is_not_ours_is_refused_before_any_key_is_asked_for(entra, tid):
    assert "tenant" in await refused(entra, entra.token(tid=tid))
    assert entra.fetches() == 0


async def test_the_tenant_and_the_issuer_must_agree(entra):
    entra.tokens._tenant_ids = frozenset({entra.tenant, STRANGE_TENANT})
    assert "issuer" in await refused(entra, entra.token(iss=f"https://sts.windows.net/{STRANGE_TENANT}/"))


async def test_an_expired_token_is_refused_and_clocks_may_differ_by_a_minute(entra):
    assert await entra.tokens.caller(entra.token(exp=seconds_from_now(10 - LEEWAY)))
    assert "expired" in await refused(entra, entra.token(exp=seconds_from_now(-10 - LEEWAY)))


async def test_a_token_of_the_future_is_refused_and_clocks_may_differ_by_a_minute(entra):
    soon, later = seconds_from_now(LEEWAY - 10), seconds_from_now(LEEWAY + 10)
    assert await entra.tokens.caller(entra.token(nbf=soon, iat=soon))
    assert "not valid yet" in await refused(entra, entra.token(nbf=later))
    await refused(entra, entra.token(iat=later))


async def test_no_signature_is_refused(entra):
    for algorithm in ("none", "None", "NONE", ""):
        header = {"alg": algorithm, "typ": "JWT", "kid": entra.world.mint.key_id}
        for signature in (b"", b"any"):
            assert "RS256" in await refused(entra, by_hand(header, entra.claims(), signature))


async def test_hs256_with_the_public_key_as_its_secret_is_refused(entra):
    mint = entra.world.mint
    public = mint.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    header, claims = {"alg": "HS256", "typ": "JWT", "kid": mint.key_id}, entra.claims()
    signed = by_hand(header, claims).rstrip(".").encode()
    for secret in (public, public.strip(), mint.jwks()["keys"][0]["n"].encode()):
        assert "RS256" in await refused(entra, by_hand(header, claims, hmac.digest(secret, signed, hashlib.sha256)))


@pytest.mark.parametrize("algorithm", ["RS384", "RS512", "PS256"])
async def test_another_algorithm_is_refused_even_with_the_right_key(entra, algorithm):
    assert "RS256" in await refused(entra, entra.token(algorithm=algorithm))


async def test_an_algorithm_that_is_written_over_another_is_refused(entra):
    signed = entra.token(algorithm="RS512")
    claims = jwt.decode(signed, options={"verify_signature": False})
    other = by_hand({"alg": "RS256", "kid": entra.world.mint.key_id}, claims)
    assert "signature" in await refused(entra, other.rpartition(".")[0] + "." + signed.rpartition(".")[2])


async def test_a_key_that_comes_with_the_token_is_not_used(entra):
    key = another_key()
    jwk = {"kty": "RSA", "n": "AQAB", "e": "AQAB"}
    for more in ({"jwk": jwk}, {"jku": "https://evil.example/keys"}, {"x5u": "https://evil.example"}):
        assert "signature" in await refused(entra, entra.token(key=key, header=more))
        await refused(entra, entra.token(key=key, header=more | {"kid": "theirs"}))


async def test_a_tampered_payload_is_refused(entra):
    token = entra.token()
    assert "signature" in await refused(entra, tampered(token, roles=["CallRecords.Admin"]))
    assert "signature" in await refused(entra, tampered(token, exp=seconds_from_now(999_999)))


async def test_an_id_token_of_the_same_application_is_refused(entra):
    """It has our audience, issuer, signature and role, but it only says who signed in."""
    token = entra.token(appid=None, azp=None, oid=PERSON)
    assert "no access token" in await refused(entra, token)


@pytest.mark.parametrize("kid", [None, "", 5, ["x"], "unknown", "../keys", "x" * 1000])
async def test_an_unknown_key_id_is_refused(entra, kid):
    header = {"alg": "RS256", "typ": "JWT"} | ({} if kid is None else {"kid": kid})
    await refused(entra, by_hand(header, entra.claims(), b"signature"))


@pytest.mark.parametrize(
    "garbage", ["..", "a.b.c", "e30.e30.e30", "ey.ey.ey", "é.é.é", "\0.\0.\0", "." * 500, "e30." + "e30" * 900 + ".x"]
)
async def test_garbage_is_refused(entra, garbage):
    await refused(entra, garbage)


@given(st.text(max_size=300), st.integers(0, 3))
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_whatever_is_written_into_a_token_it_is_refused(entra, text, part):
    """Anything in the place of each part, and of the whole."""
    parts = entra.token().split(".")
    garbage = text if part == 3 else ".".join([*parts[:part], text, *parts[part + 1 :]])
    await refused(entra, garbage)


@pytest.mark.parametrize("payload", [b"[]", b"null", b"5", b'"text"', b"{", b"[" * 5000, b"\xff", b'{"tid": NaN}'])
async def test_a_payload_that_is_no_object_is_refused(entra, payload):
    header = {"alg": "RS256", "kid": entra.world.mint.key_id}
    await refused(entra, jwt.api_jws.encode(payload, entra.world.mint.key, "RS256", headers=header))


async def test_a_huge_token_is_refused_unread(entra):
    assert "too long" in await refused(entra, entra.token(more="x" * LARGEST))
    assert entra.fetches() == 0


async def test_many_tokens_at_once_are_one_fetch_of_the_keys(entra):
    token = entra.token()
    assert len(set(await asyncio.gather(*(entra.tokens.caller(token) for _ in range(20))))) == 1
    assert entra.fetches() == 1
    assert AUDIENCE in jwt.decode(token, options={"verify_signature": False})["aud"]
