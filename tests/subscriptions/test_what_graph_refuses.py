"""What Graph or its login refuses is told in one line with what to do about it, here and at /api/status."""

from datetime import UTC, datetime, timedelta

import pytest

from app.graph.errors import GraphError, LoginFailed, Refused, Throttled, Unavailable
from app.health import readiness
from app.subscriptions import model, refusals
from tests.graph.graph_server import GraphServer, Reply
from tests.subscriptions.installation import OTHER

pytestmark = pytest.mark.anyio

NOT_AUTHORIZED = (
    "Operation: Create; Exception: [Status Code: Forbidden; Reason: The request is not authorized for this user or"
    " application.]"
)
CASES = [
    (Refused(NOT_AUTHORIZED, status=403), "CallRecords.Read.All"),
    (Refused(NOT_AUTHORIZED, status=400), "https://login.example/consent"),
    (Refused("Forbidden", status=403), "CallRecords.Read.All"),
    (Refused("The limit of 100 subscriptions was exceeded", status=403), "callkeeper subscriptions list"),
    (Refused("Subscription validation request failed.", status=400), "check PUBLIC_URL"),
    (Refused("Notification endpoint must respond", status=400), "https://we.example/n"),
    (Refused("expiration can only be 4230 minutes", status=400), "expiration can only be 4230 minutes"),
    (LoginFailed("the login was refused"), "AZURE_CLIENT_ID"),
    (Unavailable("Graph answers 503"), "retries automatically"),
    (Throttled("Graph answers 429"), "Graph answers 429"),
]


@pytest.mark.parametrize(("error", "says"), CASES, ids=[f"{type(e).__name__} {e.status}" for e, _ in CASES])
def test_each_refusal_has_its_remedy(error: GraphError, says):
    text = refusals.explain(error, "https://we.example/n", "https://login.example/consent")
    assert text.startswith(str(error).rstrip("."))
    assert says in text
    assert "\n" not in text


def validation_failed(status_in_words):
    return (
        f"Subscription validation request failed. HTTP status code is '{status_in_words}'. Notification endpoint must"
        " respond with 200 OK to validation request."
    )


TIMED_OUT = "Subscription validation request timed out."
NAMED = ["firewall or WAF rule", "IP address restriction", "authentication in front", "redirect", "cold start"]


@pytest.mark.parametrize(
    ("words", "first"),
    [
        (validation_failed("Forbidden"), "a firewall or WAF rule, an IP address restriction, authentication in front"),
        (validation_failed("Unauthorized"), "authentication in front"),
        (validation_failed("MovedPermanently"), "a redirect to https"),
        (validation_failed("Found"), "a redirect to https"),
        (validation_failed("PermanentRedirect"), "a redirect to https"),
        (validation_failed("NotFound"), "a path prefix"),
        (validation_failed("ServiceUnavailable"), "a cold start"),
        (validation_failed("Teapot"), "a firewall or WAF rule"),
        (TIMED_OUT, "a firewall or WAF rule, a cold start"),
    ],
)
def test_a_refused_handshake_names_its_causes_the_likeliest_first_and_what_to_allow(words, first):
    error = Refused(f"Graph refused this (400 ValidationError: {words})", status=400)
    text = refusals.explain(error, "https://we.example/graph/notifications", "https://login.example/consent")
    assert words in text
    assert f"Likely causes: {first}" in text
    for wanted in (*NAMED, "POST", "text/plain", "/graph/notifications and /graph/lifecycle", "10 seconds"):
        assert wanted in text
    assert "does not prove that Microsoft can reach" in text
    assert text.count("firewall or WAF rule") == 1


async def refused(installation, **changes):
    ensured = await installation.ensure(**changes)
    assert (ensured.good, ensured.action, ensured.subscription_id) == (False, "failed", None)
    return ensured.problem


async def last_problem(installation):
    """What /readyz and /api/status show."""
    async with installation.database.reading() as db:
        return await model.last_problem(db, installation.world.tenant_id)


async def test_over_the_quota_it_says_which_to_look_at(installation):
    installation.world.change_settings({"subscription_quota": 0})
    problem = await refused(installation)
    assert "limit of 0 subscriptions" in problem
    assert "callkeeper subscriptions list" in problem
    assert await last_problem(installation) == problem


async def test_without_consent_it_says_where_an_administrator_gives_it(installation):
    installation.world.change_settings({"roles": []})
    problem = await refused(installation)
    consent = (
        f"{installation.graph_url}/{installation.world.tenant_id}/adminconsent?client_id={installation.world.client_id}"
    )
    assert "CallRecords.Read.All" in problem
    assert consent in problem


async def test_a_public_url_that_does_not_answer_is_named(installation):
    problem = await refused(installation, public_url="http://127.0.0.1:1")
    assert "http://127.0.0.1:1/graph/notifications" in problem
    assert "PUBLIC_URL" in problem
    assert installation.live == []


ANSWERS = {
    "a WAF": (Reply(b"blocked", 403), "a firewall or WAF rule"),
    "a login": (Reply(b"", 302, {"Location": "https://login.example"}), "a redirect to https"),
    # Graph does not say that the answer was a page: every cause is named.
    "a login page": (
        Reply(b"<html>", 200, {"Content-Type": "text/html"}),
        "a firewall or WAF rule, an IP address restriction, authentication in front",
    ),
    "another site": (Reply(b"", 404), "a path prefix"),
}


@pytest.mark.parametrize("in_front", ANSWERS)
async def test_what_stands_before_the_service_and_refuses_the_handshake_is_named(installation, in_front):
    reply, cause = ANSWERS[in_front]

    async def every_path(_request):
        return reply

    async with GraphServer() as proxy:
        proxy.answer_everything(every_path)
        problem = await refused(installation, public_url=proxy.root)
    assert f"Likely causes: {cause}" in problem
    assert await last_problem(installation) == problem
    assert installation.live == []
    assert (await installation.ensure()).action == "created"


async def test_a_login_that_is_refused_is_reported_even_before_there_was_any_subscription(installation):
    installation.world.directory.app.secrets = {"another"}
    problem = await refused(installation)
    assert "AADSTS7000215" in problem
    assert "AZURE_CLIENT_ID" in problem
    assert installation.world.client_secret not in problem
    assert await last_problem(installation) == problem
    await refused(installation)
    assert len(await installation.rows()) == 1


async def test_graph_away_is_reported_and_the_next_time_it_is_good_again(installation):
    installation.world.faults.add({"fault": "status", "status": 503, "match": {"path": "subscriptions"}, "times": 1})
    assert "retries automatically" in await refused(installation)
    assert (await installation.ensure()).action == "created"
    assert await last_problem(installation) is None


async def test_a_refused_renewal_is_reported_while_the_subscription_still_lives(installation):
    await installation.ensure()
    installation.one.expires = datetime.now(UTC) + timedelta(hours=1)
    installation.world.faults.add({"fault": "status", "status": 403, "match": {"method": "PATCH"}, "times": 1})
    problem = await refused(installation)
    assert await last_problem(installation) == problem
    assert (await installation.row()).subscription_id == installation.one.id
    assert (await installation.ensure()).action == "renewed"
    assert await last_problem(installation) is None


REFUSALS = {
    "Forbidden": "a firewall or WAF rule, an IP address restriction, authentication in front",
    "NotFound": "a path prefix",
    "redirect": "a redirect to https",
    "timed out": "a firewall or WAF rule, a cold start",
}


@pytest.mark.parametrize("refusal", REFUSALS)
async def test_a_handshake_that_is_refused_at_renewal_is_named_and_readiness_fails_while_there_is_time(
    installation, refusal
):
    await installation.ensure()
    now = datetime.now(UTC)
    installation.one.expires = now + timedelta(hours=20)
    await installation.mark_row(expires_at=installation.one.expires, created_at=now - timedelta(hours=50))
    installation.world.change_settings({"validate_renewals": True, "handshake_refusal": refusal})
    problem = await refused(installation)
    assert f"Likely causes: {REFUSALS[refusal]}" in problem
    (reason,) = await readiness.reasons_not_ready(installation.database, [installation.world.tenant_id])
    assert (reason.reason, problem in reason.detail) == ("renewal", True)
    installation.world.change_settings({"handshake_refusal": "none"})
    assert (await installation.ensure()).action == "renewed"
    assert await readiness.reasons_not_ready(installation.database, [installation.world.tenant_id]) == []


async def test_nothing_is_believed_of_one_that_graph_refused(installation):
    installation.world.change_settings({"subscription_quota": 0})
    await refused(installation)
    async with installation.database.reading() as db:
        assert await model.client_states(db) == {}


async def test_of_several_tenants_one_that_fails_does_not_harm_the_other(installation):
    installation.world.directory.app.absent_from.add(OTHER)
    async with installation.ensures(azure_tenant_id=f"{installation.world.tenant_id},{OTHER}") as ensures:
        ensured = {tenant_id: await ensure() for tenant_id, ensure in ensures.items()}
    assert ensured[installation.world.tenant_id].action == "created"
    assert "AADSTS700016" in ensured[OTHER].problem
    assert installation.one.tenant_id == installation.world.tenant_id
