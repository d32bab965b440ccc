"""People at the simulated login: the code, its exchange with PKCE, and that the real MSAL is content with it."""

import asyncio
from functools import partial
from urllib.parse import parse_qsl, urlsplit

import jwt
import msal
import pytest
import requests

from app.simulator.login.people import ADMIN, READER, WITHOUT_ROLE, Person

pytestmark = pytest.mark.anyio

BACK = "https://localhost:1/back"
OTHER_TENANT = "0b9f4c5e-1d2a-4f6b-8c3d-5e7f90a1b2c3"


def application(running, ca_file, session, tenant=None):
    session.verify, session.trust_env, session.headers["Connection"] = str(ca_file), False, "close"
    return msal.ConfidentialClientApplication(
        running.world.client_id,
        client_credential=running.world.client_secret,
        authority=f"{running.url}/{tenant or running.world.tenant_id}",
        instance_discovery=False,
        http_client=session,
    )


async def begun(running, ca_file, **options):
    """An application of MSAL and what it is to remember; MSAL complains of any mode but the form."""

    def begin():
        with requests.Session() as session:
            app = application(running, ca_file, session, options.pop("tenant", None))
            flow = app.initiate_auth_code_flow([], **{"redirect_uri": BACK, "response_mode": "form_post"} | options)
            return app, flow | {"auth_uri": flow["auth_uri"].replace("form_post", "query")}

    return await asyncio.to_thread(begin)


async def chosen(client, flow, person, **changes):
    """What the login sends to the application by way of the browser, or the page it shows."""
    asked = dict(parse_qsl(urlsplit(flow["auth_uri"]).query)) | {"person": person.id} | changes
    url = flow["auth_uri"].partition("?")[0]
    async with client.session.get(url, params=asked, allow_redirects=False) as answer:
        location = answer.headers.get("Location")
        return dict(parse_qsl(urlsplit(location).query)) if location else (answer.status, await answer.text())


async def exchanged(app, flow, answer):
    return await asyncio.to_thread(partial(app.acquire_token_by_auth_code_flow, dict(flow), answer))


async def test_the_real_msal_learns_who_signed_in_and_with_which_roles(client, running, ca_file):
    app, flow = await begun(running, ca_file)
    result = await exchanged(app, flow, await chosen(client, flow, ADMIN))
    key = jwt.PyJWK(running.world.mint.jwks()["keys"][0]).key
    claims = jwt.decode(result["id_token"], key, algorithms=["RS256"], audience=running.world.client_id)
    assert (claims["oid"], claims["roles"]) == (ADMIN.id, ["CallRecords.Admin"])
    assert claims["iss"] == f"{running.url}/{running.world.tenant_id}/v2.0"


async def test_the_page_asks_who_one_is_and_names_the_roles(client, running, ca_file):
    _, flow = await begun(running, ca_file)
    async with client.session.get(flow["auth_uri"]) as page:
        text = await page.text()
    assert [name for name in (ADMIN.name, READER.name, f"{WITHOUT_ROLE.name}: no role") if name not in text] == []


async def test_people_of_every_tenant_come_by_organizations(client, running, ca_file):
    world = running.world
    world.directory.add_tenant(OTHER_TENANT, "fabrikam.example")
    person = world.directory.add_person(Person(OTHER_TENANT, "Fay", OTHER_TENANT, ("CallRecords.Read",)))
    app, flow = await begun(running, ca_file, tenant="organizations")
    result = await exchanged(app, flow, await chosen(client, flow, person))
    assert result["id_token_claims"]["tid"] == OTHER_TENANT
    _, flow = await begun(running, ca_file)
    assert "AADSTS50020" in (await chosen(client, flow, person))["error_description"]


async def test_a_code_is_taken_once_and_with_its_verifier_alone(client, running, ca_file):
    app, flow = await begun(running, ca_file)
    answer = await chosen(client, flow, READER)
    stolen = await exchanged(app, {**flow, "code_verifier": "guessed"}, answer)
    elsewhere = await exchanged(app, {**flow, "redirect_uri": "https://localhost:2/"}, answer)
    await exchanged(app, flow, answer)
    again = await exchanged(app, {**flow, "claims_challenge": None, "scope": ["openid"]}, answer)
    codes = [refused["error_codes"] for refused in (stolen, elsewhere, again)]
    assert codes == [[501481], [500112], [54005]]


async def test_a_code_ends_after_ten_minutes(client, running, ca_file):
    app, flow = await begun(running, ca_file)
    answer = await chosen(client, flow, READER)
    running.world.change_settings({"clock_offset_s": 601})
    assert (await exchanged(app, flow, answer))["error_codes"] == [70008]


@pytest.mark.parametrize(
    ("changes", "number"),
    [
        ({"redirect_uri": "https://elsewhere.example/"}, 50011),
        ({"redirect_uri": "https://localhost.example/"}, 50011),
        ({"client_id": "nobody"}, 700016),
    ],
)
async def test_no_browser_is_led_to_an_address_that_the_app_does_not_have(client, running, ca_file, changes, number):
    _, flow = await begun(running, ca_file)
    status, text = await chosen(client, flow, READER, **changes)
    assert (status, f"AADSTS{number}" in text) == (400, True)


@pytest.mark.parametrize(
    ("changes", "number"),
    [
        ({"code_challenge": ""}, 9002325),
        ({"code_challenge_method": "plain"}, 9002325),
        ({"response_type": "token"}, 700054),
        ({"scope": "profile"}, 900144),
    ],
)
async def test_a_wrong_request_goes_back_as_an_error_with_its_state(client, running, ca_file, changes, number):
    _, flow = await begun(running, ca_file)
    answer = await chosen(client, flow, READER, **changes)
    assert (answer["error_description"].startswith(f"AADSTS{number}"), answer["state"]) == (True, flow["state"])


async def test_a_refusal_can_be_asked_for(client, running, ca_file):
    running.world.change_settings({"sign_in_error": 65004})
    _, flow = await begun(running, ca_file)
    assert (await chosen(client, flow, READER))["error"] == "access_denied"


async def test_people_can_be_added_from_outside(client, running):
    person = {"id": OTHER_TENANT, "name": "Zoe", "tenant_id": running.world.tenant_id, "roles": ["CallRecords.Read"]}
    await client.control("POST", "/people", person)
    assert running.world.directory.people[OTHER_TENANT].roles == ("CallRecords.Read",)
