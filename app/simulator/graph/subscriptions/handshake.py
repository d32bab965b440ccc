"""The validation handshake: each URL of a subscription must echo a token before it is used."""

from http import HTTPStatus
from random import Random
from urllib.parse import quote, quote_plus

import aiohttp
from yarl import URL

from app.simulator.errors import GraphError
from app.simulator.samples.random_values import guid
from app.simulator.settings import HandshakeRefusal, Settings


async def validate(http: aiohttp.ClientSession, url: str, *, rng: Random, settings: Settings) -> None:
    """GraphError 400 unless the URL answers 200, text/plain, with exactly the token, in time."""
    check_refusal(settings.handshake_refusal)
    token = awkward_token(rng)
    # Graph writes spaces as +; this shows whether a receiver decodes only %20.
    written = quote_plus(token) if rng.getrandbits(1) else quote(token, safe="")
    asked = URL(f"{url}{'&' if '?' in url else '?'}validationToken={written}", encoded=True)
    headers = {"Content-Type": "text/plain; charset=utf-8"}
    verify = settings.verify_notification_tls
    limit = aiohttp.ClientTimeout(total=settings.validation_timeout_s)
    try:
        async with http.post(asked, headers=headers, timeout=limit, ssl=verify, allow_redirects=False) as answer:
            if answer.status != HTTPStatus.OK:
                raise refused_with(answer.status)
            if answer.content_type != "text/plain":
                raise failed()
            if await answer.read() != token.encode():
                raise failed()
    except TimeoutError as error:
        raise timed_out() from error
    except aiohttp.ClientError as error:
        raise failed() from error


def check_refusal(refusal: HandshakeRefusal) -> None:
    """GraphError 400 as Graph reports the answer of a firewall or proxy in front of the collector."""
    match refusal:
        case "timed out":
            raise timed_out()
        case "Forbidden":
            raise refused_with(HTTPStatus.FORBIDDEN)
        case "NotFound":
            raise refused_with(HTTPStatus.NOT_FOUND)
        case "redirect":
            raise refused_with(HTTPStatus.FOUND)


def awkward_token(rng: Random) -> str:
    return (
        f"Validation: Testing client application reachability for subscription Request-Id: {guid(rng)} "
        f"1+1=2 100%25 %2B 50% <a&b> çağrü 通話 {rng.getrandbits(32):08x}"
    )


def refused_with(status: int) -> GraphError:
    """Graph writes a status as .NET does: Forbidden, NotFound, BadGateway."""
    names = {HTTPStatus.FOUND: "Redirect"}
    name = names.get(HTTPStatus(status)) or HTTPStatus(status).phrase.replace(" ", "")
    return failed(f" HTTP status code is '{name}'.")


def failed(detail: str = "") -> GraphError:
    text = (
        f"Subscription validation request failed.{detail} Notification endpoint must respond with 200 OK to "
        "validation request."
    )
    return GraphError(HTTPStatus.BAD_REQUEST, "ValidationError", text)


def timed_out() -> GraphError:
    return GraphError(HTTPStatus.BAD_REQUEST, "ValidationError", "Subscription validation request timed out.")
