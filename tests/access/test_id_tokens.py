"""Id tokens: whom one proves in answer to our question, and what proves nothing."""

import jwt
import pytest

from app.access.caller import Caller, LoginUnavailable, MissingRole, Unauthenticated
from app.access.id_tokens import IdTokens
from tests.access.entra import PERSON, STRANGE_TENANT, another_key, by_hand, seconds_from_now, tampered

pytestmark = pytest.mark.anyio

NONCE = "the nonce of this sign-in"


@pytest.fixture
def id_tokens(entra):
    return IdTokens(entra.running.url, [entra.tenant], entra.application, entra.keys)


@pytest.fixture
def a_token(entra):
    def a_token(key=None, algorithm="RS256", **changes):
        now = seconds_from_now(0)
        claims = {
            "aud": entra.application,
            "iss": entra.issuer,
            "tid": entra.tenant,
            "oid": PERSON,
            "nonce": NONCE,
            "roles": ["CallRecords.Read"],
            "iat": now,
            "nbf": now,
            "exp": now + 3600,
        } | changes
        kept = {name: value for name, value in claims.items() if value is not None}
        mint = entra.world.mint
        return jwt.encode(kept, key or mint.key, algorithm=algorithm, headers={"kid": mint.key_id})

    return a_token


@pytest.mark.parametrize(
    ("roles", "scope"),
    [
        (["CallRecords.Read"], "read"),
        (["CallRecords.Read", "CallRecords.Admin"], "admin"),
        (["X", "CallRecords.Read"], "read"),
    ],
)
async def test_it_proves_a_person_who_sees_their_own_tenant(id_tokens, a_token, entra, roles, scope):
    assert await id_tokens.caller(a_token(roles=roles), NONCE) == Caller(PERSON, scope, (entra.tenant,))


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"nonce": "another"}, "answers another sign-in"),
        ({"nonce": None}, "answers another sign-in"),
        ({"nonce": ["x"]}, "answers another sign-in"),
        ({"aud": "api://callkeeper"}, "another audience"),
        ({"iss": "https://sts.windows.net/x/"}, "its issuer"),
        ({"tid": STRANGE_TENANT}, "tenant is not one of ours"),
        ({"tid": None}, "tenant is not one of ours"),
        ({"exp": 1_000_000_000}, "has expired"),
        ({"exp": None}, "lacks a claim"),
        ({"nbf": 4_000_000_000}, "not valid yet"),
        ({"oid": None}, "names no person"),
        ({"oid": "ada@contoso.com"}, "names no person"),
    ],
)
async def test_a_wrong_claim_proves_nothing(id_tokens, a_token, changes, why):
    with pytest.raises(Unauthenticated, match=why):
        await id_tokens.caller(a_token(**changes), NONCE)


async def test_an_access_token_of_version_1_is_no_answer(id_tokens, a_token, entra):
    with pytest.raises(Unauthenticated, match="its issuer"):
        await id_tokens.caller(a_token(iss=f"https://sts.windows.net/{entra.tenant}/"), NONCE)


async def test_no_other_key_can_sign_one(id_tokens, a_token, entra):
    unsigned = by_hand({"alg": "none", "kid": entra.world.mint.key_id}, {"tid": entra.tenant})
    strange = jwt.encode({"tid": entra.tenant}, "a secret of thirty-two bytes, just so", headers={"kid": "x"})
    for token in (
        a_token(key=another_key()),
        tampered(a_token(), roles=["CallRecords.Admin"]),
        unsigned,
        strange,
        "x",
        "",
    ):
        with pytest.raises(Unauthenticated):
            await id_tokens.caller(token, NONCE)


@pytest.mark.parametrize("roles", [None, [], ["Other"], "CallRecords.Read", {"CallRecords.Read": 1}])
async def test_without_a_role_the_person_is_known_but_powerless(id_tokens, a_token, roles):
    with pytest.raises(MissingRole) as refused:
        await id_tokens.caller(a_token(roles=roles), NONCE)
    assert refused.value.name == PERSON


async def test_without_the_logins_keys_no_token_can_be_checked(id_tokens, a_token, entra):
    entra.world.faults.add({"fault": "status", "match": {"path": "discovery"}})
    with pytest.raises(LoginUnavailable):
        await id_tokens.caller(a_token(), NONCE)
