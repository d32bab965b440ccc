"""Stylesheet, scripts and icons: small files of ours, named by what is in them, so that browsers keep them for ever."""

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
    """One of our files; with its version in the address it never changes."""
    if name not in _names():
        raise Problem(404, f"There is no file {name[:50]!r} here.")
    plain, packed = _read(name)
    headers = {
        "Cache-Control": "public, max-age=31536000, immutable" if request.url.query else "no-cache",
        "X-Content-Type-Options": "nosniff",
        "Vary": "Accept-Encoding",
    }
    zipped = "gzip" in request.headers.get("accept-encoding", "")
    if zipped:
        headers["Content-Encoding"] = "gzip"
    return Response(packed if zipped else plain, headers=headers, media_type=TYPES[Path(name).suffix])


def versioned(name: str) -> str:
    """The file's address below the root; another one once the file has changed."""
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
