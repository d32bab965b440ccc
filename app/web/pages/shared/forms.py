"""What a form sends: small, and only from a page of ours (no other site can make a signed-in browser post)."""

from urllib.parse import parse_qsl, urlsplit

from fastapi import Request

from app.web.auth.sign_in_sessions import Session
from app.web.context import context
from app.web.problems import Problem

FIELD = "form_token"
LARGEST = 16 * 1024  # bytes

_AGAIN = "This form did not come from this page, or the page is too old; open the page again and repeat."


async def sent(request: Request) -> dict[str, str]:
    """The fields of a form of the session's own; otherwise a 403 problem."""
    fields = await read(request)
    session: Session | None = getattr(request.state, "session", None)
    if session is None or not await context(request).sessions.is_form_token(fields.pop(FIELD, ""), session.number):
        raise Problem(403, _AGAIN)
    return fields


async def read(request: Request) -> dict[str, str]:
    """The fields of a form that this site's own page sent, whoever filled it in."""
    if not _is_ours(request):
        raise Problem(403, _AGAIN)
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > LARGEST:
            raise Problem(413, "That form is too large.")
    try:
        return dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=50))
    except ValueError:
        raise Problem(422, "That form has too many fields.") from None


def _is_ours(request: Request) -> bool:
    """As the browser tells, which no page's script can change."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in {"same-origin", "none"}
    origin = request.headers.get("origin")
    wanted = urlsplit(context(request).graph.origins.of(request.scope)).netloc
    return origin is None or urlsplit(origin).netloc.lower() == wanted.lower()
