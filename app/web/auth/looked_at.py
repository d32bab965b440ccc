"""Which person a request is about, where its address has the complete id, address or number of one. Pure."""

from starlette.datastructures import QueryParams
from starlette.types import Scope

from app.archive.parse.identities.person_keys import asked

_PARAMETERS = ("participant", "organizer", "q", "user", "number")


def person_of(scope: Scope) -> str | None:
    """Its normal form; None of parts of names, and of requests about no one."""
    texts = [scope.get("path_params", {}).get("person_id")]
    query = QueryParams(scope["query_string"])
    texts += [query.get(name) for name in _PARAMETERS]
    for text in texts:
        if text and (wanted := asked(str(text))).normal and _identifies(wanted.normal, is_id=wanted.is_id):
            return wanted.normal
    return None


def _identifies(normal: str, *, is_id: bool) -> bool:
    return is_id or ("@" in normal and "://" not in normal and not any(map(str.isspace, normal)))
