"""Renders a template in a thread, compresses it, and adds the security headers."""

import asyncio
import gzip
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fastapi import Request
from starlette.responses import Response

from app.web.auth import page_paths
from app.web.auth.sign_in_sessions import Session
from app.web.context import context
from app.web.pages.call import timeline
from app.web.pages.shared import assets, enum_labels, formatting, outcome_words, time_zones

if TYPE_CHECKING:
    from jinja2 import Environment  # imported for the first page, so that a worker without pages does not load it

TEMPLATES = Path(__file__).parents[1] / "templates"
MIN_COMPRESSED = 1024  # bytes; smaller responses are not compressed

# Scripts, styles, images and connections only from this host, no form to another host, no framing.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",  # pages contain personal data
}


async def page(request: Request, template: str, *, status: int = 200, nav: str = "", **values: Any) -> Response:
    """The template with these values, and with those that every page has.

    Raises ValueError where a page passes a name that every page has: the base template would show the wrong value.
    """
    common = await _common(request) | {"nav": nav}
    if taken := common.keys() & values.keys():
        raise ValueError(f"{template} cannot pass {', '.join(sorted(taken))}: every page has a value of that name")
    text = await asyncio.to_thread(_rendered, template, common | values)
    return await asyncio.to_thread(_response, request, text, status)


async def fragments(request: Request, template: str, each: list[dict[str, Any]]) -> list[str]:
    """A small template rendered for each of these values, for the live list."""
    common = await _common(request)
    return [_rendered(template, common | values) for values in each]


async def _common(request: Request) -> dict[str, Any]:
    here = context(request)
    origin = here.graph.origins.of(request.scope)
    session: Session | None = getattr(request.state, "session", None)
    return {
        "root": page_paths.root(origin),
        "origin": origin,
        "caller": getattr(request.state, "caller", None),
        "sign_in_session": session,
        "form_token": await here.sessions.form_token(session.id) if session else "",
        "zone": time_zones.of(request),
        "path": request.url.path,
        "rendered_at": datetime.now(UTC),
        "tenant_ids": here.tenant_ids,
    }


def _rendered(template: str, values: Mapping[str, Any]) -> str:
    return environment().get_template(template).render(values)


@cache
def environment() -> "Environment":
    """Jinja with autoescape everywhere and an error for an undefined name."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415 -- see above

    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.filters |= formatting.FILTERS | {
        "member": enum_labels.member_text,
        "label": enum_labels.label,
        "value_label": enum_labels.value_label,
        "failure_label": enum_labels.failure_label,
        "outcome": outcome_words.outcome,
        "outcome_basis": outcome_words.basis,
        "offered": outcome_words.offered,
        "voice_app_step": outcome_words.step,
        "voice_app_result": outcome_words.result,
    }
    made.filters["offset"] = timeline.offset
    made.globals["asset"] = assets.versioned
    return made


def _response(request: Request, text: str, status: int) -> Response:
    body = text.encode("utf-8", "replace")
    headers = {**HEADERS, "Vary": "Accept-Encoding, Cookie"}
    if len(body) >= MIN_COMPRESSED and "gzip" in request.headers.get("accept-encoding", ""):
        body = gzip.compress(body, 5)
        headers["Content-Encoding"] = "gzip"
    return Response(body, status, headers, media_type="text/html; charset=utf-8")
