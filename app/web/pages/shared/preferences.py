"""The time zone in which pages show times, stored in a cookie."""

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from app.web import unknown_parameters
from app.web.auth import page_paths
from app.web.auth.callers import Reader
from app.web.context import context
from app.web.pages.shared import forms, time_zones
from app.web.pages.shared.render import page
from app.web.problems import Problem

router = APIRouter(include_in_schema=False)

_YEAR = 365 * 24 * 3600


@router.get("/zone")
async def choose_zone(request: Request, _: Reader) -> Response:
    """The form with all time zones, the current one selected."""
    unknown_parameters.refuse(request.query_params, ("back",))
    return await page(
        request,
        "zone.html",
        zones=sorted(time_zones.known()),
        is_browsers=time_zones.is_browsers(request),
        back=page_paths.safe(request.query_params.get("back")),
    )


@router.post("/zone")
async def save_zone(request: Request, _: Reader) -> Response:
    """Store the choice and redirect to the page that the user came from."""
    fields, here = await forms.sent(request), context(request)
    wanted = fields.get("zone", "")
    if wanted and time_zones.named(wanted) is None:
        raise Problem(422, "Unknown time zone. Choose one from the list.")
    origin = here.graph.origins.of(request.scope)
    answer = RedirectResponse(f"{page_paths.root(origin)}{page_paths.safe(fields.get('back'))}", 303)
    secure = context(request).graph.origins.is_secure(request.scope)
    answer.set_cookie(time_zones.COOKIE, wanted or time_zones.BROWSER, _YEAR, path="/", secure=secure, samesite="lax")
    return answer
