"""The validation handshake: before a subscription exists, each of its URLs must echo a token."""

from http import HTTPStatus
from random import Random
from urllib.parse import quote, quote_plus

import aiohttp
from yarl import URL

from app.simulator.errors import GraphError
from app.simulator.fiction.chance import guid


async def validate(http: aiohttp.ClientSession, url: str, *, rng: Random, timeout: float, verify: bool) -> None:
    """GraphError 400 unless the URL answers 200, text/plain, with exactly the token, in time."""
    token = awkward_token(rng)
    # Graph writes spaces as +; a decoder that knows only %20 must show here.
    written = quote_plus(token) if rng.getrandbits(1) else quote(token, safe="")
    asked = URL(f"{url}{'&' if '?' in url else '?'}validationToken={written}", encoded=True)
    headers = {"Content-Type": "text/plain; charset=utf-8"}
    limit = aiohttp.ClientTimeout(total=timeout)
    try:
        async with http.post(asked, headers=headers, timeout=limit, ssl=verify, allow_redirects=False) as answer:
            if answer.status != HTTPStatus.OK:
                raise failed(f"HTTP '{HTTPStatus(answer.status).phrase.replace(' ', '')}'")
            if answer.content_type != "text/plain":
                raise failed(f"the content type is '{answer.content_type}', not 'text/plain'")
            if await answer.read() != token.encode():
                raise failed("the body is not the validation token")
    except TimeoutError as error:
        raise GraphError(
            HTTPStatus.BAD_REQUEST, "ValidationError", "Subscription validation request timed out."
        ) from error
    except aiohttp.ClientError as error:
        raise failed(type(error).__name__) from error


def awkward_token(rng: Random) -> str:
    return (
        f"Validation: Testing client application reachability for subscription Request-Id: {guid(rng)} "
        f"1+1=2 100%25 %2B 50% <a&b> çağrü 通話 {rng.getrandbits(32):08x}"
    )


def failed(why: str) -> GraphError:
    text = (
        "Subscription validation request failed. Notification endpoint must respond with 200 OK to validation "
        f"request. ({why})"
    )
    return GraphError(HTTPStatus.BAD_REQUEST, "ValidationError", text)
