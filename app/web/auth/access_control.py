"""Access control for `/api`, `/v1.0` and the pages: every caller is known, and every answer is in the audit first.

Middleware, so that no route can be forgotten: a refused request reaches none of them.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.exc import SQLAlchemyError
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app import ids
from app.access.audit import Entry
from app.access.audit_person import SECRET, digest
from app.access.caller import Caller, LoginUnavailable, MissingRole, Unauthenticated
from app.archive.erasure import digests
from app.db.outage.causes import in_words
from app.db.secrets import shared_secret
from app.ids import TenantId
from app.observability import log
from app.observability.rare_log import RareLog
from app.web.auth import site_keys
from app.web.auth.admission import admit
from app.web.auth.looked_at import person_of
from app.web.auth.page_paths import GUARDED, is_page, root, to_sign_in
from app.web.auth.wrong_keys import RETRY_AFTER, TooManyWrongKeys
from app.web.context import Context
from app.web.pages.shared.counted_stream import CountedStream
from app.web.pages.shared.error_page import error_page, is_for_people
from app.web.problems import LATER, NO_DATABASE, answer

_PARAMETER = re.compile(r"[$A-Za-z_.-]{1,32}")
_MOST_PARAMETERS = 20

_log = log.get(__name__)


class Gate:
    """Puts the Caller into ``request.state.caller``; a route may put into ``request.state.answered`` how many
    records it answers.
    """

    def __init__(self, app: ASGIApp, context: Context) -> None:
        self._app = app
        self._context = context
        self._secret: bytes | None = None
        self._not_looked_up = RareLog(lambda why, times: _log.error("key_not_looked_up", error=why, times=times))
        self._not_recorded = RareLog(lambda why, times: _log.error("read_not_recorded", error=why, times=times))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not _is_guarded(scope):
            await self._app(scope, receive, send)
            return
        caller = await self._let_in(scope)
        if isinstance(caller, Response):
            await caller(scope, receive, send)
            return
        scope.setdefault("state", {})["caller"] = caller
        if caller.sites is not None and not site_keys.may_use(scope["method"], scope["path"]):
            await (await self._not_of_its_sites(scope, caller))(scope, receive, send)
            return
        await self._pass(scope, receive, send, caller)

    async def _let_in(self, scope: Scope) -> Caller | Response:
        """The caller, or what to answer instead. Who is not known is counted only: a flood would fill the disk."""
        here = self._context
        try:
            return await admit(here, scope)
        except Unauthenticated as error:
            here.metrics.refused.labels(reason=error.reason).inc()
            if is_page(scope["path"]):
                return to_sign_in(scope, here.graph.origins.of(scope))
            return answer(401, str(error), {"WWW-Authenticate": _challenge(error)})
        except MissingRole as error:
            here.metrics.refused.labels(reason="role").inc()
            entry = _entry(scope, 403, error.name, None, error.tenants)
            noted = not here.without_role.is_due(error.name) or await self._note(entry)
            return answer(403, str(error)) if noted else await _not_now(scope)
        except (TooManyWrongKeys, LoginUnavailable) as error:
            return await _not_checked(scope, error)
        except (TimeoutError, SQLAlchemyError, OSError) as error:
            self._not_looked_up.note(in_words(error))
            return await _later(scope, NO_DATABASE)

    async def _not_of_its_sites(self, scope: Scope, caller: Caller) -> Response:
        """The overview leads to the calls, which such a caller may see."""
        here = self._context
        if scope["path"] == "/" and scope["method"] == "GET":
            return RedirectResponse(f"{root(here.graph.origins.of(scope))}/calls", 303)
        here.metrics.refused.labels(reason="sites").inc()
        noted = await self._note(_of_caller(scope, 403, caller))
        return await _later(scope, site_keys.refused(scope["path"]), 403, {}) if noted else await _not_now(scope)

    async def _pass(self, scope: Scope, receive: Receive, send: Send, caller: Caller) -> None:
        begun = withheld = False

        async def first_note(message: Message) -> None:
            nonlocal begun, withheld
            if message["type"] == "http.response.start":
                begun = True
                entry = _of_caller(scope, message["status"], caller)
                withheld = not await self._note(entry, _stream(scope), person_of(scope))
                if withheld:
                    await (await _not_now(scope))(scope, receive, send)
            if not withheld:
                await send(message)

        try:
            await self._app(scope, receive, first_note)
        except Exception:
            if not begun:
                await self._note(_of_caller(scope, 500, caller))
            raise

    async def _note(self, entry: Entry, stream: CountedStream | None = None, person: str | None = None) -> bool:
        try:
            if person is not None:
                entry = entry._replace(person=digest(await self._person_secret(), person))
            if stream is not None and entry.status < 400:
                stream.recorded_as(await self._context.audit.add_stream(entry._replace(answered=0)))
            else:
                await self._context.audit.add(await self._without_erased(entry))
        except (TimeoutError, SQLAlchemyError, OSError) as error:
            self._not_recorded.note(in_words(error))
            return False
        return True

    async def _person_secret(self) -> bytes:
        """The same as long as the database is; read once."""
        if self._secret is None:
            self._secret = await shared_secret.get_or_create(self._context.database, SECRET)
        return self._secret

    async def _without_erased(self, entry: Entry) -> Entry:
        """A requested id that is no call's may be that of an erased person: it is not recorded."""
        if entry.call_id is None or entry.status < 400:
            return entry
        async with self._context.database.reading() as db:
            return entry._replace(call_id=None) if await digests.is_erased(db, entry.call_id) else entry


def _is_guarded(scope: Scope) -> bool:
    if scope["type"] != "http":
        return False
    return is_page(scope["path"]) or f"{scope['path']}/".startswith(tuple(f"{root}/" for root in GUARDED))


def _challenge(error: Unauthenticated) -> str:
    return 'Bearer error="invalid_token"' if error.reason != "missing" else "Bearer"


async def _not_checked(scope: Scope, error: TooManyWrongKeys | LoginUnavailable) -> Response:
    if isinstance(error, TooManyWrongKeys):
        return await _later(scope, str(error), 429, {"Retry-After": str(RETRY_AFTER)})
    return answer(503, "The login host does not give its keys, so no token can be checked; try again.", LATER)


async def _not_now(scope: Scope) -> Response:
    return await _later(scope, "This read could not be recorded, so it is not answered; try again.")


async def _later(scope: Scope, detail: str, status: int = 503, headers: Mapping[str, str] = LATER) -> Response:
    request = Request(scope)
    if not is_for_people(request):
        return answer(status, detail, dict(headers))
    shown = await error_page(request, status, detail)
    shown.headers.update(headers)
    return shown


def _stream(scope: Scope) -> CountedStream | None:
    stream = scope["state"].get("stream")
    return stream if isinstance(stream, CountedStream) else None


def _of_caller(scope: Scope, status: int, caller: Caller) -> Entry:
    return _entry(scope, status, caller.name, caller.scope, caller.tenants)


def _entry(scope: Scope, status: int, who: str, may: Any, tenants: tuple[TenantId, ...] | None) -> Entry:
    """Names and ids only: what stands in a filter, or in a path where an id should, may be a person's name."""
    return Entry(
        at=datetime.now(UTC),
        who=who,
        scope=may,
        tenants=tenants,
        method=scope["method"][:8],
        route=_route(scope),
        call_id=_call_id(scope),
        parameters=_parameters(scope),
        status=status,
        answered=scope.get("state", {}).get("answered"),
    )


def _route(scope: Scope) -> str:
    """The route's template; a path that was led to none is not repeated, for the same reason."""
    found = getattr(scope.get("route"), "path", None)
    return found if isinstance(found, str) else f"/{scope['path'].split('/')[1]}/…"


def _call_id(scope: Scope) -> str | None:
    """Of a route about a call; the id of a person is not recorded."""
    return ids.guid(str(scope.get("path_params", {}).get("call_id")))


def _parameters(scope: Scope) -> tuple[str, ...]:
    names = sorted({name for name in QueryParams(scope["query_string"]) if _PARAMETER.fullmatch(name)})
    return tuple(names[:_MOST_PARAMETERS])
