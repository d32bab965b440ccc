"""Judges the answer to Graph's validation handshake: whether Graph accepts it, and if not, why. Pure.

https://learn.microsoft.com/graph/change-notifications-delivery-webhooks#notificationurl-validation
"""

import html
import json
from typing import NamedTuple
from urllib.parse import quote_plus, unquote_plus, urlsplit

from app.graph.transport.answers import Answer

# A space, a percent sign, a plus sign and letters beyond ASCII: some framework or gateway changes each of them.
TOKEN = "Callkeeper doctor: 100% of 1+1=2 %2B <a&b> çağrü 通話"  # noqa: S105 -- not a secret

_PLAIN_ANSWER = "answer 200, text/plain, with the decoded token and nothing else"
_ROUTE = "route this path unchanged to `callkeeper serve`, in the proxy or gateway in front of it"


class Verdict(NamedTuple):
    """What is wrong, and what to do."""

    found: str
    remedy: str


def url_with_token(url: str) -> str:
    """The URL with the token, encoded as Graph encodes it."""
    return f"{url}?validationToken={quote_plus(TOKEN)}"


def judge(answer: Answer) -> Verdict | None:
    """What is wrong with the answer; None if Graph would accept it."""
    return _status(answer) or _form(answer) or _token(answer.body)


def _status(answer: Answer) -> Verdict | None:  # noqa: PLR0911 -- one return for each kind of status
    status = answer.status
    if status == 200:
        return None
    if status in {401, 403, 407}:
        remedy = f"allow POST to /graph/ without a login (gateway, firewall, access policy); {_ROUTE}"
        return Verdict(f"something in front of the service requires a login ({status})", remedy)
    if status in {404, 405}:
        remedy = f"check the path in PUBLIC_URL and the proxy's path prefix: {_ROUTE}"
        return Verdict(f"another site answers, or a proxy changes the path ({status})", remedy)
    if status in range(300, 400):
        return _redirect(answer)
    if status in {502, 503, 504}:
        remedy = "start `callkeeper serve`, and check the address to which the proxy forwards"
        return Verdict(f"the proxy answers, but the service behind it does not ({status})", remedy)
    if status >= 500:
        return Verdict(f"the server fails ({status})", "read its log; `callkeeper serve` answers this with 200")
    return Verdict(f"it answers {status}, Graph requires 200", _ROUTE)


def _redirect(answer: Answer) -> Verdict:
    to = urlsplit(answer.headers.get("location", "")).netloc or "another path"
    remedy = "set PUBLIC_URL to the address that answers without a redirect, or let the proxy send none for /graph/"
    return Verdict(f"it redirects to {to} ({answer.status}), and Graph follows no redirect", remedy)


def _form(answer: Answer) -> Verdict | None:
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "text/plain":
        return None
    if kind == "text/html":
        remedy = f"{_ROUTE}; now a login page, a tunnel's warning page or another web site answers"
        return Verdict("an HTML page answers instead of the service", remedy)
    return Verdict(f"the answer is {kind or 'of no declared type'}, Graph requires text/plain", _ROUTE)


def _token(body: bytes) -> Verdict | None:
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return Verdict("the answer is not UTF-8", _PLAIN_ANSWER)
    changed = {
        unquote_plus(TOKEN): "the token was decoded twice",
        TOKEN.replace(" ", "+"): "the token was decoded, but its spaces came back as +",
        html.escape(TOKEN): "the token came back escaped for HTML",
        html.escape(TOKEN, quote=False): "the token came back escaped for HTML",
        json.dumps(TOKEN): "the token came back in quotes, as JSON",
        json.dumps(TOKEN, ensure_ascii=False): "the token came back in quotes, as JSON",
    }
    if text == TOKEN:
        return None
    undecoded = "the token came back as it was sent, not decoded" if unquote_plus(text) == TOKEN else None
    if found := undecoded or changed.get(text):
        return Verdict(found, f"{_ROUTE}; proxies must not rewrite the query or the answer")
    if text.strip("\ufeff\r\n \t") == TOKEN:
        return Verdict("the token came back with blanks or line breaks around it", _PLAIN_ANSWER)
    return Verdict("the answer is not the token", _ROUTE)
