"""/docs and /openapi.json: complete, and asking no other host."""

import re

import pytest

from tests.some import some

pytestmark = pytest.mark.anyio


async def described(api):
    return (await api.get("/openapi.json")).json()


async def test_the_page_and_all_it_needs_come_from_here(nowhere):
    page = await nowhere.get("/docs")
    assert page.status_code == 200
    assert "http" not in re.sub(r"window\.location\S*", "", page.text).replace("http-equiv", "")
    assert "connect-src 'self'" in page.headers["content-security-policy"]
    links = re.findall(r'(?:href|src)="([^"]+)"', page.text)
    links.remove("./")  # back to the pages
    assert "prefers-color-scheme: dark" in page.text
    assert len(links) == 3
    for link in links:
        answer = await nowhere.get(f"/{link}")
        assert answer.status_code == 200
        assert len(answer.content) > 500
    assert "openapi.json" in page.text


@pytest.mark.parametrize("name", ["__init__.py", "..%2f__init__.py", "swagger-ui.css%00"])
async def test_no_other_file_is_served(nowhere, name):
    assert (await nowhere.get(f"/docs/{name}")).status_code == 404


@pytest.mark.parametrize("path", ["/api/calls", "/api/calls/{call_id}", "/api/stats"])
async def test_reads_say_what_they_answer(nowhere, path):
    schema = (await described(nowhere))["paths"][path]["get"]["responses"]["200"]["content"]["application/json"][
        "schema"
    ]
    assert "$ref" in schema


async def test_units_are_reported(nowhere):
    models = (await described(nowhere))["components"]["schemas"]
    assert "in seconds" in models["Stream"]["properties"]["average_jitter"]["description"]
    assert "in seconds" in models["Summary"]["properties"]["duration_seconds"]["description"]


async def test_every_parameter_of_a_list_is_described(nowhere):
    paths = (await described(nowhere))["paths"]
    for path in ("/api/calls", "/api/stats"):
        assert [p["name"] for p in paths[path]["get"]["parameters"] if "description" not in p] == []


async def test_every_error_of_a_route_is_described(nowhere):
    found = await described(nowhere)
    for path, methods in found["paths"].items():
        for reported in some(methods.values()):
            statuses = set(reported["responses"])
            if path.startswith("/api/"):
                assert {"400", "401", "403", "422", "503"} <= statuses, path
                assert "application/problem+json" in reported["responses"]["422"]["content"]
            elif path.startswith("/v1.0/"):
                assert {"400", "401", "403", "503"} <= statuses
                assert "422" not in statuses
                reference = {"$ref": "#/components/schemas/GraphError"}
                assert reported["responses"]["400"]["content"] == {"application/json": {"schema": reference}}
            assert ("404" in statuses) == ("{" in path and not path.startswith("/docs")), path
    assert {"408", "413"} <= set(found["paths"]["/v1.0/$batch"]["post"]["responses"])
