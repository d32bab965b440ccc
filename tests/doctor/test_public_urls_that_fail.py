"""PUBLIC_URLs that answer something else than Graph's handshake demands, or nothing at all."""

import asyncio
import html
import json
from urllib.parse import parse_qs, urlsplit

import pytest
import trustme

from app.doctor.limits import Limits
from app.doctor.network.handshake import TOKEN
from tests.doctor.servers import ca_in, expired_from, listening, presenting, site
from tests.flow.service import free_port

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]

PLAIN = {"Content-Type": "text/plain; charset=utf-8"}


def token_in(target):
    return parse_qs(urlsplit(target).query)["validationToken"][0]


def echoes(target):
    return 200, PLAIN, token_in(target).encode()


def plainly(change):
    return lambda target: (200, PLAIN, change(token_in(target)).encode())


def with_status(status, **headers):
    return lambda _: (status, headers, b"")


WRONG = {
    "redirect": (with_status(301, Location="https://www.example.com/x"), "redirects to www.example.com"),
    "login wall": (with_status(401), "requires a login (401)"),
    "firewall": (with_status(403), "requires a login (403)"),
    "another site": (with_status(404), "another site answers"),
    "another method": (with_status(405), "(405)"),
    "bad gateway": (with_status(502), "start `callkeeper serve`"),
    "unavailable": (with_status(503), "start `callkeeper serve`"),
    "broken": (with_status(500), "fails (500)"),
    "accepted": (with_status(202), "answers 202, Graph requires 200"),
    "no content": (with_status(204), "answers 204"),
    "page": (lambda _: (200, {"Content-Type": "text/html"}, b"<html>Welcome</html>"), "HTML page"),
    "json": (lambda _: (200, {"Content-Type": "application/json"}, b"{}"), "Graph requires text/plain"),
    "untyped": (lambda _: (200, {}, b"x"), "no declared type"),
    "undecoded": (lambda target: (200, PLAIN, target.partition("=")[2].encode()), "not decoded"),
    "half decoded": (plainly(lambda token: token.replace(" ", "+")), "spaces came back as +"),
    "escaped": (plainly(html.escape), "escaped for HTML"),
    "quoted": (plainly(json.dumps), "as JSON"),
    "with a newline": (plainly(lambda token: token + "\n"), "blanks or line breaks around it"),
    "in Latin": (lambda _: (200, PLAIN, b"\xff\xfe\xfd"), "not UTF-8"),
    "other text": (plainly(lambda _: "ok"), "the answer is not the token"),
}


@pytest.mark.parametrize("kind", WRONG)
async def test_another_answer_than_the_handshakes(patient, kind):
    answer, wanted = WRONG[kind]
    async with site(answer) as url:
        said = await patient.says("public_url", PUBLIC_URL=url)
    assert wanted in said
    assert TOKEN not in said


class TestTheWayThere:
    async def test_a_good_answer(self, patient):
        async with site(echoes) as url:
            assert (await patient.examined(PUBLIC_URL=url)).of("public_url").state == "ok"

    async def test_only_the_lifecycle_route_is_wrong(self, patient):
        async with site(lambda t: (404, {}, b"") if "lifecycle" in t else echoes(t)) as url:
            assert f"{url}/graph/lifecycle" in await patient.says("public_url", PUBLIC_URL=url)

    async def test_another_subscription_address_is_reported(self, patient):
        async with site(echoes) as url:
            assert f"Graph notifies {patient.scene.public_url}" in await patient.says("subscription", PUBLIC_URL=url)

    async def test_nothing_listens(self, patient):
        said = await patient.says("public_url", PUBLIC_URL=f"http://127.0.0.1:{free_port()}")
        assert "no server listens" in said
        assert "callkeeper serve" in said

    async def test_a_name_without_address(self, patient):
        assert "does not resolve" in await patient.says("public_url", PUBLIC_URL="https://no.such.invalid")

    async def test_one_that_hangs_up(self, patient):
        async def hang_up(reader, writer):
            writer.close()

        async with listening(hang_up) as port:
            assert "without an answer" in await patient.says("public_url", PUBLIC_URL=f"http://127.0.0.1:{port}")

    async def test_one_that_is_too_slow_for_graph(self, patient):
        limits = Limits(handshake=0.3)

        async def silent(reader, writer):
            await reader.read()
            writer.close()

        async with listening(silent) as port:
            assert "no answer" in await patient.says("public_url", limits=limits, PUBLIC_URL=f"http://127.0.0.1:{port}")

    async def test_one_that_is_slow_but_answers(self, patient):
        limits = Limits(notification=0.0)
        async with site(echoes) as url:
            assert "only after" in await patient.says("public_url", state="warning", limits=limits, PUBLIC_URL=url)

    async def test_a_certificate_that_signed_itself(self, patient, tmp_path):
        stranger, _ = ca_in(tmp_path)
        async with site(echoes, tls=presenting(stranger.issue_cert("127.0.0.1"))) as url:
            assert "self-signed" in await patient.says("public_url", PUBLIC_URL=url)

    async def test_an_expired_certificate(self, patient, trusted):
        async with site(echoes, tls=presenting(expired_from(trusted, "127.0.0.1"))) as url:
            assert "has expired" in await patient.says("public_url", PUBLIC_URL=url)

    async def test_a_certificate_for_another_name(self, patient, trusted):
        async with site(echoes, tls=presenting(trusted.issue_cert("www.example.com"))) as url:
            assert "another host name" in await patient.says("public_url", PUBLIC_URL=url)

    async def test_a_good_certificate(self, patient, trusted):
        async with site(echoes, tls=presenting(trusted.issue_cert("127.0.0.1"))) as url:
            assert (await patient.examined(PUBLIC_URL=url)).of("public_url").state == "ok"

    async def test_plain_http_behind_https(self, patient):
        async with site(echoes) as url:
            said = await patient.says("public_url", PUBLIC_URL=url.replace("http:", "https:"))
            assert "no TLS" in said

    async def test_microsoft_cannot_reach_this_machine(self, patient):
        changes = {"GRAPH_BASE_URL": None, "AZURE_AUTHORITY_HOST": None}
        said = await patient.says("public_url", limits=Limits(host=0.3), **changes)
        assert "only reachable from this machine or network" in said


@pytest.fixture
def trusted(ca_file, tmp_path):
    """An authority that is trusted beside the simulated Graph's."""
    ca = trustme.CA()
    ca_file.write_bytes(ca_file.read_bytes() + ca.cert_pem.bytes())
    return ca


async def test_both_routes_are_asked_as_graph_asks(patient):
    asked = []

    def answer(target):
        asked.append(target)
        return echoes(target)

    async with site(answer) as url:
        await patient.examined(PUBLIC_URL=url)
    await asyncio.sleep(0)
    assert sorted(target.partition("?")[0] for target in asked) == ["/graph/lifecycle", "/graph/notifications"]
    assert all("+" in target and "%2B" in target and "%25" in target for target in asked)
