"""Graph's validation handshake: the token comes back exactly, whatever it is made of, and nothing else happens.

https://learn.microsoft.com/graph/change-notifications-delivery-webhooks#notificationurl-validation
"""

from urllib.parse import quote, quote_plus

import pytest

from tests.web.application import LIFECYCLE, NOTIFICATIONS

pytestmark = pytest.mark.anyio

TOKENS = {
    "plain": "abc",
    "as Graph writes it": "Validation: Testing client application reachability for subscription Request-Id: 1-2",
    "plus and percent": "1+1=2 100%25 %2B 50% ++",
    "unicode": "çağrü 通話 📞 \u202e",
    "quotes": "\"'`\\",
    "a page": "<script>alert(1)</script>&amp;",
    "lines": "a\r\nb\tc",
    "separators": "a&b=c;d#e?f/g",
    "empty": "",
    "long": "x" * 8_000,
}


@pytest.mark.parametrize("url", [NOTIFICATIONS, LIFECYCLE])
@pytest.mark.parametrize("written", [quote_plus, lambda token: quote(token, safe="")], ids=["+", "%20"])
@pytest.mark.parametrize("token", TOKENS.values(), ids=TOKENS)
async def test_the_token_comes_back_decoded_once_as_plain_text(nowhere, url, written, token):
    answer = await nowhere.post(f"{url}?validationToken={written(token)}", headers={"Content-Type": "text/plain"})
    assert (answer.status_code, answer.content) == (200, token.encode())
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("body", [b"", b'{"value": []}', b"not json", b"x" * 5_000_000], ids=len)
async def test_the_query_decides_and_not_the_body(nowhere, body):
    answer = await nowhere.post(f"{NOTIFICATIONS}?tenant=a%20b&validationToken=t%2B1", content=body)
    assert (answer.status_code, answer.text) == (200, "t+1")


async def test_bytes_that_are_no_text_do_no_harm(nowhere):
    answer = await nowhere.post(f"{NOTIFICATIONS}?validationToken=%ff%00%ed%a0%80")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/plain; charset=utf-8")
