"""One request to the Graph-compatible routes, understood: who asks, for what, from which place on."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, Self

from fastapi import Request
from sqlalchemy.exc import SQLAlchemyError, StatementError
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.responses import Response

from app.access.caller import Caller
from app.archive.documents import members
from app.archive.queries import graph_records
from app.archive.queries.graph_records import Found, Place
from app.archive.queries.paging.graph_record_pages import Sought
from app.archive.queries.paging.position import Position
from app.archive.schema.microseconds import microseconds, moment
from app.db import is_data_error
from app.db.secrets.signed_cursor import InvalidCursorError, SignedCursors
from app.ids import CallId
from app.web.context import context
from app.web.graph_api.bodies import Answer, Options, Page
from app.web.graph_api.odata import prefer, query_options
from app.web.graph_api.odata.entity_types import EntityType
from app.web.graph_api.odata.query_options import Query
from app.web.problems import Problem
from app.web.reads.limits import FREE_BYTES

ENTITY = frozenset({"$select", "$expand"})
PAGES = frozenset({"$select", "$top", "$count", "$skiptoken"})

_JSON = "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8"
_LONGEST_ID = 200
_NOT_GIVEN_OUT = "$skiptoken is not one that was given out for this request; begin at the first page."


class Asked:
    """The request with its options read; a Problem names what is not supported."""

    def __init__(self, request: Request, caller: Caller, query: Query) -> None:
        self._request = request
        self._here = context(request)
        self.query = query
        self.tenants = caller.tenants
        self._prefer = prefer.read(request.headers.getlist("prefer"))
        sizes = [size for size in (self._prefer.page_size, self.query.top) if size]
        self.size = min(sizes) if sizes else None
        self._omit_nulls = self._prefer.omit_nulls
        self._skiptokens: SignedCursors

    @classmethod
    async def read(cls, request: Request, caller: Caller, of: EntityType, allowed: frozenset[str]) -> Self:
        with _refused():
            query = query_options.parse(request.query_params.multi_items(), of, allowed)
        asked = cls(request, caller, query)
        async with _reachable():
            asked._skiptokens = await asked._here.graph.skiptokens(asked._here.database)
        return asked

    @property
    def answer(self) -> Answer:
        origin = self._here.graph.origins.of(self._request.scope)
        return Answer(origin, self.tenants, self._skiptokens, self._omit_nulls)

    @property
    def sought(self) -> Sought:
        _storable(*self.query.filter.participants)
        return Sought(self.tenants, self.query.filter.starts, self.query.filter.participants)

    def list_bound(self) -> list[Any]:
        return self.answer.bound("callRecords", self.query.filter_text)

    def list_options(self) -> Options:
        filtered = [("$filter", self.query.filter_text)] if self.query.filter_text is not None else []
        return [*filtered, *self.query.wanted.options()]

    def list_position(self) -> Position | None:
        """Where the last page ended; the token also keeps how that page was wanted."""
        if self.query.skiptoken is None:
            return None
        at, key, *form = self._token(self.query.skiptoken, self.list_bound())
        self._keep(*form)
        return Position(moment(at), key)

    def list_token(self, position: Position) -> list[Any]:
        return [microseconds(position.ordered_at), position.key, self.size, self._omit_nulls]

    async def found(self, call_id: CallId, path: str = "") -> tuple[Found, Page]:
        """The record, in the version that the pages before this one were of; 404 where the archive has none."""
        _storable(call_id)
        exactly, start = None, 0
        if self.query.skiptoken is not None:
            bound = self.answer.bound(path, call_id)
            key, version, start, *form = self._token(self.query.skiptoken, bound)
            self._keep(*form)
            exactly = key, version
        async with self.reading() as db:
            place = await graph_records.one(db, call_id, self.tenants, exactly, most=FREE_BYTES)
        if place is None:
            raise absent()
        return Found(place.key, place.version, await self._document(place)), Page(start, self.size)

    async def large_head(self, key: int, version: int, size: int) -> dict[str, Any] | None:
        """The record without its lists, where the beginning of its document is not enough; None if it was removed."""
        try:
            packed = await self._document(Place(key, version, 0, size, None))
        except Problem as problem:
            if problem.status != 404:
                raise
            return None
        return await asyncio.to_thread(members.record, packed, frozenset())

    async def _document(self, place: Place) -> bytes:
        """The document, after memory for it is reserved."""
        if place.document is not None:
            return bytes(place.document)
        await self._request.state.memory.reserve(place.packed_bytes + _cost(place.raw_bytes))
        async with self.reading() as db:
            found = await graph_records.document(db, place.key, place.version)
        if found is None:
            raise absent()
        return found

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        async with _reachable(), self._here.reads.reading() as db:
            yield db

    def reply(self, body: bytes, page_size: int | None = None, answered: int = 1) -> Response:
        self._request.state.answered = answered
        headers = {"OData-Version": "4.0", "Cache-Control": "no-store"}
        if applied := self._prefer.applied(page_size):
            headers["Preference-Applied"] = applied
        return Response(body, headers=headers | {"Content-Type": _JSON})

    def _token(self, token: str, bound: list[Any]) -> list[Any]:
        try:
            return self._skiptokens.read(token, bound)
        except InvalidCursorError:
            raise Problem(400, _NOT_GIVEN_OUT) from None

    def _keep(self, size: int | None, omit_nulls: bool) -> None:  # noqa: FBT001 -- as the token has them
        """The form of the first page, unless this request says otherwise."""
        self.size = self.size or size
        self._omit_nulls = self._omit_nulls or omit_nulls


def _cost(size: int) -> int:
    """Bytes that reading a document takes: text in two forms and a page of objects, or all of it as objects."""
    return 5 * size // 2 if size > members.LARGE else 6 * size


def absent() -> Problem:
    return Problem(404, "The archive has no such call record, or no such part of it.", code="NotFound")


def _storable(*texts: str) -> None:
    """No id has what PostgreSQL refuses in a text; so nothing is found by it."""
    if not all(text.isprintable() and len(text) <= _LONGEST_ID for text in texts):
        raise absent()


@asynccontextmanager
async def _reachable() -> AsyncIterator[None]:
    """A database that is away is a reason to come again, which an SDK does automatically."""
    try:
        yield
    except (TimeoutError, SQLAlchemyError, OSError) as error:
        if isinstance(error, StatementError) and is_data_error(error):
            raise
        raise Problem(503, "The archive does not answer; try again.", headers={"Retry-After": "5"}) from error


@contextmanager
def _refused() -> Iterator[None]:
    try:
        yield
    except query_options.RefusedError as error:
        raise Problem(400, str(error)) from None
