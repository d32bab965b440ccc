"""`/docs`: Swagger UI, served from here alone: a server without the internet has documentation, too."""

from importlib.resources import files
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.openapi.docs import get_swagger_ui_html
from starlette.responses import FileResponse, HTMLResponse, Response

from app.web.problems import Problem

router = APIRouter(include_in_schema=False)

_ASSETS = {
    "swagger-ui-bundle.js": "text/javascript",
    "swagger-ui.css": "text/css",
    "favicon-32x32.png": "image/png",
}
# Whatever the page's scripts may try, the browser asks no other host.
_ONLY_HERE = (
    "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)

# Swagger UI has light colours only. Inverted, with the hues turned back, they are dark.
_STYLE = """<meta name="viewport" content="width=device-width, initial-scale=1"><style>
.back { font: 15px/1.4 system-ui, sans-serif; margin: 12px 20px; }
.back a { color: #0b5cad; display: inline-block; min-height: 24px; }
@media (prefers-color-scheme: dark) {
  html { background: #0d1217; } body { filter: invert(.92) hue-rotate(180deg); background: #fff; }
  .swagger-ui .highlight-code, .swagger-ui .microlight { filter: invert(1) hue-rotate(180deg); }
}
</style>
"""
_BACK = '<p class="back"><a href="./">Back to Callkeeper</a></p>'


@router.get("/docs")
async def docs(request: Request) -> Response:
    """The page; its links are relative, so that it also works below a path of a proxy."""
    page = get_swagger_ui_html(
        title=request.app.title,
        openapi_url="openapi.json",
        swagger_js_url="docs/swagger-ui-bundle.js",
        swagger_css_url="docs/swagger-ui.css",
        swagger_favicon_url="docs/favicon-32x32.png",
        swagger_ui_parameters={"validatorUrl": None, "tryItOutEnabled": True},  # the validator is a foreign host
    )
    text = bytes(page.body).decode().replace("</head>", f"{_STYLE}</head>", 1).replace("<body>", f"<body>{_BACK}", 1)
    return HTMLResponse(text, headers={"Content-Security-Policy": _ONLY_HERE})


@router.get("/docs/{name}")
async def asset(name: str) -> Response:
    """One of the few files that the page needs."""
    if name not in _ASSETS:
        raise Problem(404, f"The documentation has no file {name[:50]!r}.")
    folder = Path(str(files("fastapi_swagger").joinpath("resources")))
    return FileResponse(folder / name, media_type=_ASSETS[name], headers={"Cache-Control": "public, max-age=86400"})
