"""What an answer to Graph's validation handshake is worth, and what is wrong with one that fails; pure.

https://learn.microsoft.com/graph/change-notifications-delivery-webhooks#notificationurl-validation
"""

import html
import json
from typing import NamedTuple
from urllib.parse import quote_plus, unquote_plus, urlsplit

from app.graph.transport.answers import Answer

# A space, a percent sign, a plus sign and letters beyond ASCII: each is lost by some framework or gateway.
TOKEN = "Callkeeper doctor: 100% of 1+1=2 %2B <a&b> çağrü 通話"  # noqa: S105 -- it protects nothing

_SENT_PLAIN = "answer 200, text/plain, with the decoded token and nothing else"
_ROUTE = "route this path to `callkeeper serve` unchanged, in the proxy or gateway before it"


class Verdict(NamedTuple):
    """What is wrong, and what to do."""

    found: str
    remedy: str


def asked(url: str) -> str:
    """The address with the token, written as Graph writes it."""
    return f"{url}?validationToken={quote_plus(TOKEN)}"


def judge(answer: Answer) -> Verdict | None:
    """None where Graph would be content."""
    return _status(answer) or _form(answer) or _token(answer.body)


def _status(answer: Answer) -> Verdict | None:  # noqa: PLR0911 -- one return for each kind of status
    status = answer.status
    if status == 200:
        return None
    if status in {401, 403, 407}:
        remedy = f"let POST to /graph/ pass without a login (gateway, firewall, access policy); {_ROUTE}"
        return Verdict(f"something before the service refuses strangers ({status})", remedy)
    if status in {404, 405}:
        remedy = f"check the path in PUBLIC_URL and the proxy's path prefix: {_ROUTE}"
        return Verdict(f"another site answers there, or the path is changed on the way ({status})", remedy)
    if status in range(300, 400):
        return _redirect(answer)
    if status in {502, 503, 504}:
        remedy = "start `callkeeper serve`, and check the address that the proxy forwards to"
        return Verdict(f"the proxy answers, the service behind it does not ({status})", remedy)
    if status >= 500:
        return Verdict(f"the server there fails ({status})", "read its log: `callkeeper serve` answers this with 200")
    return Verdict(f"it answers {status}, Graph demands 200", _ROUTE)


def _redirect(answer: Answer) -> Verdict:
    to = urlsplit(answer.headers.get("location", "")).netloc or "another path"
    remedy = "set PUBLIC_URL to the address that answers without a redirect, or let the proxy send none for /graph/"
    return Verdict(f"it redirects to {to} ({answer.status}), and Graph follows no redirect", remedy)


def _form(answer: Answer) -> Verdict | None:
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "text/plain":
        return None
    if kind == "text/html":
        remedy = f"{_ROUTE}; a login page, a tunnel's warning page or a web site stands there"
        return Verdict("an HTML page answers instead of the service", remedy)
    return Verdict(f"the answer is {kind or 'of no declared type'}, Graph demands text/plain", _ROUTE)


def _token(body: bytes) -> Verdict | None:
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return Verdict("the answer is not UTF-8", _SENT_PLAIN)
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
        return Verdict(found, f"{_ROUTE}; what stands between must not rewrite the query or the answer")
    if text.strip("\ufeff\r\n \t") == TOKEN:
        return Verdict("the token came back with something around it", _SENT_PLAIN)
    return Verdict("something else than the token came back", _ROUTE)
