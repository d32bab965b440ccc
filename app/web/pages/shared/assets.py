"""Stylesheets, scripts and icons. Their addresses contain a hash, so that browsers cache them without asking again."""

import gzip
from functools import cache
from hashlib import sha256
from pathlib import Path

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.web.problems import Problem

router = APIRouter(include_in_schema=False)

FOLDER = Path(__file__).parents[1] / "static"
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".png": "image/png"}


@router.get("/static/{name}")
async def static(name: str, request: Request) -> Response:
    """One of our files; an address with a version never changes."""
    if name not in _names():
        raise Problem(404, f"There is no file {name[:50]!r}.")
    plain, compressed = _read(name)
    headers = {
        "Cache-Control": "public, max-age=31536000, immutable" if request.url.query else "no-cache",
        "X-Content-Type-Options": "nosniff",
        "Vary": "Accept-Encoding",
    }
    accepts_gzip = "gzip" in request.headers.get("accept-encoding", "")
    if accepts_gzip:
        headers["Content-Encoding"] = "gzip"
    return Response(compressed if accepts_gzip else plain, headers=headers, media_type=TYPES[Path(name).suffix])


def versioned(name: str) -> str:
    """The file's path with its version, which changes with the file."""
    return f"/static/{name}?v={_version(name)}"


@cache
def _names() -> frozenset[str]:
    return frozenset(file.name for file in FOLDER.iterdir() if file.suffix in TYPES)


@cache
def _read(name: str) -> tuple[bytes, bytes]:
    plain = (FOLDER / name).read_bytes()
    return plain, gzip.compress(plain, 9)


@cache
def _version(name: str) -> str:
    return sha256(_read(name)[0]).hexdigest()[:12]
