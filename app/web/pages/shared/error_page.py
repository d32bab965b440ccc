"""Errors as pages, for browsers."""

from fastapi import Request
from starlette.responses import Response

from app.web.auth.page_paths import GUARDED
from app.web.pages.shared.render import page

_TITLES = {
    400: "Bad request",
    403: "Access denied",
    404: "Not found",
    405: "Method not allowed",
    408: "Request timeout",
    409: "Conflict",
    413: "Request too large",
    422: "Invalid parameter",
    429: "Too many requests",
    500: "Internal error",
    503: "Service unavailable",
    504: "Took too long",
}

_DETAILS = {  # instead of the framework's own texts
    "Not Found": "There is no page at this address.",
    "Method Not Allowed": "This address cannot be opened directly. Go back and use the buttons of the page.",
}


def is_for_people(request: Request) -> bool:
    """Whether a browser requests a page, and not a program the API."""
    roots = tuple(f"{root}/" for root in (*GUARDED, "/graph", "/static"))
    return "text/html" in request.headers.get("accept", "") and not f"{request.url.path}/".startswith(roots)


async def error_page(request: Request, status: int, detail: str) -> Response:
    """The page that says what is wrong and what to do."""
    return await page(
        request, "error.html", status=status, title=_TITLES.get(status, "Error"), detail=_DETAILS.get(detail, detail)
    )
