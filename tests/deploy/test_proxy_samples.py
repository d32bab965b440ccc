"""The samples for Caddy and nginx lead every route of the application to it, and nothing else; by default Graph's two."""

import re
from fnmatch import fnmatchcase
from types import SimpleNamespace

import pytest

from app.web import app as web
from tests.docs.pages import ROOT
from tests.web.auth.guarded import _walk, filled

GRAPH = ["/graph/notifications", "/graph/lifecycle"]
INSIDE = ["/metrics", "/readyz", "/nowhere", "/graph/other", "/callsx", "/docsx"]
PUBLIC_URL_PAGE = (ROOT / "docs/public-url.md").read_text()
CADDYFILE = (ROOT / "deploy/caddy/Caddyfile").read_text()


def routes():
    """An address of each route for people and programs."""
    found = {filled(path.replace("{position}", "0")) for _, path in _walk(web.api(SimpleNamespace()).routes)}
    return sorted(found - set(INSIDE))


def caddy_paths(text):
    """What each named matcher lets through."""
    return {name: paths.split() for name, paths in re.findall(r"@(\w+) (?:\{[^}]*?)?path ([^\n]+)", text)}


def leads(patterns, path):
    return any(fnmatchcase(path, pattern) for pattern in patterns)


def test_the_profile_tls_exposes_only_graphs_two_routes_without_a_setting():
    graph, all_of_them = (
        re.search(r"\(graph\) \{.*?\n\}", CADDYFILE, re.DOTALL)[0],
        re.search(r"\(all\) \{.*?\n\}", CADDYFILE, re.DOTALL)[0],
    )
    assert caddy_paths(graph) == {"graph": GRAPH}
    assert "import graph" in all_of_them
    assert "import {$TLS_ROUTES:graph}" in CADDYFILE
    assert "TLS_ROUTES: ${TLS_ROUTES:-graph}\n" in (ROOT / "docker-compose.yml").read_text()
    opened = [path for paths in caddy_paths(all_of_them).values() for path in paths]
    assert [path for path in routes() if not leads(opened, path)] == []
    assert [path for path in INSIDE if leads(opened, path)] == []


def test_the_caddy_sample_leads_every_route_to_the_application():
    (sample,) = re.findall(r"```caddyfile\n(.*?)```", PUBLIC_URL_PAGE, re.DOTALL)
    paths = caddy_paths(sample)
    assert paths["graph"] == GRAPH
    assert [path for path in routes() if not leads(paths["inside"], path)] == []
    assert [path for path in INSIDE if leads(paths["inside"], path)] == []
    assert "remote_ip" in sample


def test_the_nginx_sample_leads_every_route_to_the_application():
    (sample,) = re.findall(r"```nginx\n(.*?)```", PUBLIC_URL_PAGE, re.DOTALL)
    graph, people = re.findall(r'location ~ "([^"]+)"', sample)
    assert all(re.search(graph, path) for path in GRAPH)
    assert [path for path in routes() if not re.search(people, path)] == []
    assert [path for path in [*INSIDE, *GRAPH] if re.search(people, path)] == []


@pytest.mark.parametrize("file", ["deploy/kubernetes/configmap.yaml", "docs/azure-container-apps.md"])
def test_a_sample_whose_database_is_over_a_network_verifies_the_server(file):
    text = (ROOT / file).read_text()
    assert set(re.findall(r"sslmode[=:] ?([\w-]+)", text)) == {"verify-full"}
    assert "sslrootcert=/etc/ssl/certs/ca-certificates.crt" in text


def test_every_image_can_be_given_by_digest_and_the_page_says_how():
    page = (ROOT / "docs/containers.md").read_text()
    used = dict(re.findall(r"\$\{(\w+_IMAGE):-([^}]+)\}", (ROOT / "docker-compose.yml").read_text()))
    assert dict(re.findall(r"^(\w+_IMAGE) (\S+)$", page, re.MULTILINE)) == used
    dockerfile = (ROOT / "Dockerfile").read_text()
    assert f"ARG PYTHON_IMAGE={used['PYTHON_IMAGE']}\n" in dockerfile
    assert set(re.findall(r"^FROM (\S+)", dockerfile, re.MULTILINE)) == {"${PYTHON_IMAGE}", "dependencies"}
