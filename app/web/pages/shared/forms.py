"""Posted forms: small, and only from our own pages, which protects from cross-site request forgery."""

from urllib.parse import parse_qsl, urlsplit

from fastapi import Request

from app.web.auth.sign_in_sessions import Session
from app.web.context import context
from app.web.problems import Problem

FIELD = "form_token"

_RELOAD = "The form was not sent from this page, or the page is too old. Reload the page and try again."


async def sent(request: Request) -> dict[str, str]:
    """The fields of a form with the form token of the sign-in session; otherwise a 403 problem."""
    fields = await read(request)
    await _check_token(request, fields)
    return fields


async def check(request: Request, fields: dict[str, str]) -> None:
    """The same for the fields of a form with a file, which its route reads itself."""
    if not _is_same_origin(request):
        raise Problem(403, _RELOAD)
    await _check_token(request, fields)


async def _check_token(request: Request, fields: dict[str, str]) -> None:
    session: Session | None = getattr(request.state, "session", None)
    if session is None or not await context(request).sessions.is_form_token(fields.pop(FIELD, ""), session.id):
        raise Problem(403, _RELOAD)


async def read(request: Request) -> dict[str, str]:
    """The fields of a form that one of our own pages sent, signed in or not."""
    if not _is_same_origin(request):
        raise Problem(403, _RELOAD)
    async with context(request).forms.read(request) as body:
        text = body.decode("utf-8", "replace")
    try:
        return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=50))
    except ValueError:
        raise Problem(422, "The form has too many fields.") from None


def _is_same_origin(request: Request) -> bool:
    """By headers that the browser sets and scripts cannot change."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in {"same-origin", "none"}
    origin = request.headers.get("origin")
    wanted = urlsplit(context(request).graph.origins.of(request.scope)).netloc
    return origin is None or urlsplit(origin).netloc.lower() == wanted.lower()
