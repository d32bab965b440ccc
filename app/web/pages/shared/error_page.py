"""An error as a page, for whoever came with a browser."""

from fastapi import Request
from starlette.responses import Response

from app.web.auth.page_paths import GUARDED
from app.web.pages.shared.render import page

_TITLES = {
    400: "That address is not understood",
    403: "Not allowed",
    404: "Not found",
    405: "Not possible this way",
    409: "Conflict",
    413: "Too large",
    422: "That address is not understood",
    500: "Internal error",
    503: "Service unavailable",
}

_PLAIN = {  # what the framework says by itself
    "Not Found": "There is no page at this address.",
    "Method Not Allowed": "This address is not one to open; go to the page that led here, and use its buttons.",
}


def is_for_people(request: Request) -> bool:
    """Whether a browser asks for a page, not a program for the API."""
    roots = tuple(f"{root}/" for root in (*GUARDED, "/graph", "/static"))
    return "text/html" in request.headers.get("accept", "") and not f"{request.url.path}/".startswith(roots)


async def error_page(request: Request, status: int, detail: str) -> Response:
    """What is wrong and what to do."""
    return await page(
        request, "error.html", status=status, title=_TITLES.get(status, "Error"), detail=_PLAIN.get(detail, detail)
    )
