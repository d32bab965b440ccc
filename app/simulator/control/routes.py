"""The control routes: the methods of the world as JSON over the same port, for other processes."""

from dataclasses import asdict
from http import HTTPStatus
from typing import Any

import orjson
from aiohttp import web

from app.simulator.control.access import Route
from app.simulator.errors import json_response
from app.simulator.graph.subscriptions.subscription import graph_time
from app.simulator.world import World

PUT_OPTIONS = ("tenant_id", "visible_after_s", "notify", "notify_after_s", "duplicates", "never_visible")


class ControlRoutes:
    def __init__(self, world: World) -> None:
        self.world = world

    def table(self) -> list[Route]:
        return [
            ("POST", "/records", self.put_records),
            ("GET", "/records", self.list_records),
            ("DELETE", "/records", self.delete_records),
            ("GET", "/records/{id}", self.document),
            ("DELETE", "/records/{id}", self.delete_record),
            ("POST", "/records/{id}/version", self.put_version),
            ("POST", "/records/{id}/rewrite", self.rewrite),
            ("POST", "/generated", self.generate),
            ("POST", "/calls", self.make_calls),
            ("POST", "/faults", self.add_fault),
            ("GET", "/faults", self.list_faults),
            ("DELETE", "/faults", self.clear_faults),
            ("POST", "/lifecycle", self.lifecycle),
            ("POST", "/lose", self.lose),
            ("POST", "/notifications", self.notify_raw),
            ("POST", "/revoke-tokens", self.revoke_tokens),
            ("GET", "/subscriptions", self.list_subscriptions),
            ("POST", "/subscriptions/clear", self.clear_subscriptions),
            ("GET", "/settings", self.show_settings),
            ("POST", "/settings", self.change_settings),
            ("GET", "/log", self.log),
            ("DELETE", "/log", self.clear_log),
            ("GET", "/stats", self.stats),
        ]

    async def put_records(self, request: web.Request) -> web.Response:
        """A list of documents, or {"records": […]} with options beside it."""
        body = await read(request)
        documents, rest = (body, {}) if isinstance(body, list) else (body.pop("records"), body)
        options = put_options({**dict(from_query(request)), **rest})
        ids = [self.world.put(document, **options).id for document in documents]
        return json_response({"ids": ids}, status=HTTPStatus.CREATED)

    async def list_records(self, _: web.Request) -> web.Response:
        return json_response(self.world.listed_records())

    async def delete_records(self, _: web.Request) -> web.Response:
        self.world.records.clear()
        return web.Response(status=HTTPStatus.NO_CONTENT)

    async def document(self, request: web.Request) -> web.Response:
        document = self.world.document(request.match_info["id"], request.query.get("tenant_id"))
        return json_response(document) if document else absent()

    async def delete_record(self, request: web.Request) -> web.Response:
        gone = self.world.remove(request.match_info["id"], request.query.get("tenant_id"))
        return web.Response(status=HTTPStatus.NO_CONTENT) if gone else absent()

    async def put_version(self, request: web.Request) -> web.Response:
        """A complete document, or "bump"; options as with records, beside {"record": …} or {"bump": true}."""
        body = await read(request)
        if body == "bump" or not body or body.get("bump"):
            rest = body if isinstance(body, dict) else {}
            options = {"tenant_id": rest.get("tenant_id"), "notify": rest.get("notify", True)}
            record = self.world.bump(request.match_info["id"], **options)
        else:
            document = body.pop("record", None)
            options = put_options(body) if document else {}
            record = self.world.put({**(document or body), "id": request.match_info["id"]}, **options)
        return json_response({"id": record.id, "version": record.version}) if record else absent()

    async def rewrite(self, request: web.Request) -> web.Response:
        record = self.world.rewrite(request.match_info["id"])
        return json_response({"id": record.id, "version": record.version}) if record else absent()

    async def generate(self, request: web.Request) -> web.Response:
        """{"count", "days", "seed"}: List returns `count` generated records, which are not stored."""
        self.world.generate(**await read(request))
        return web.Response(status=HTTPStatus.NO_CONTENT)

    async def make_calls(self, request: web.Request) -> web.Response:
        body = await read(request)
        put = {name: body.pop(name) for name in PUT_OPTIONS[1:] if name in body}
        if "tenant_id" in body:
            put["tenant_id"] = body["tenant_id"]
        ids = await self.world.make_calls(put=put, **body)
        return json_response({"ids": ids}, status=HTTPStatus.CREATED)

    async def add_fault(self, request: web.Request) -> web.Response:
        return json_response({"id": self.world.faults.add(await read(request))}, status=HTTPStatus.CREATED)

    async def list_faults(self, _: web.Request) -> web.Response:
        return json_response(self.world.faults.listed())

    async def clear_faults(self, _: web.Request) -> web.Response:
        self.world.faults.clear()
        return web.Response(status=HTTPStatus.NO_CONTENT)

    async def lifecycle(self, request: web.Request) -> web.Response:
        body = await read(request)
        return json_response({"notified": self.world.lifecycle(body["event"], body.get("subscription_id"))})

    async def lose(self, request: web.Request) -> web.Response:
        self.world.lose(int((await read(request))["next"]))
        return web.Response(status=HTTPStatus.NO_CONTENT)

    async def notify_raw(self, request: web.Request) -> web.Response:
        """Send the body unchanged; `?to=lifecycle` and `?url=` choose the URLs."""
        to_lifecycle = request.query.get("to") == "lifecycle"
        urls = request.query.getall("url", [])
        answers = await self.world.notify_raw(await request.read(), urls=urls, lifecycle=to_lifecycle)
        return json_response(answers)

    async def revoke_tokens(self, _: web.Request) -> web.Response:
        self.world.revoke_tokens()
        return web.Response(status=HTTPStatus.NO_CONTENT)

    async def list_subscriptions(self, _: web.Request) -> web.Response:
        """With client states, which Graph itself does not return."""
        return json_response(
            [
                {**one.body(client_state=True), "tenantId": one.tenant_id, "notified": len(one.seen)}
                for one in self.world.subscriptions.live()
            ]
        )

    async def clear_subscriptions(self, _: web.Request) -> web.Response:
        return json_response({"cleared": self.world.clear_subscriptions()})

    async def show_settings(self, _: web.Request) -> web.Response:
        return json_response(asdict(self.world.settings))

    async def change_settings(self, request: web.Request) -> web.Response:
        return json_response(self.world.change_settings(await read(request)))

    async def log(self, request: web.Request) -> web.Response:
        last = int(request.query["last"]) if "last" in request.query else None
        return json_response(self.world.journal.log(last))

    async def clear_log(self, _: web.Request) -> web.Response:
        self.world.clear_log()
        return web.Response(status=HTTPStatus.NO_CONTENT)

    async def stats(self, _: web.Request) -> web.Response:
        return json_response({**self.world.stats(), "now": graph_time(self.world.now())})


async def read(request: web.Request) -> Any:
    body = await request.read()
    return orjson.loads(body) if body else {}


def from_query(request: web.Request) -> list[tuple[str, Any]]:
    """Options in the query string are JSON too: visible_after_s=2, notify=false."""
    return [(name, orjson.loads(value) if name != "tenant_id" else value) for name, value in request.query.items()]


def put_options(given: dict[str, Any]) -> dict[str, Any]:
    if unknown := set(given) - set(PUT_OPTIONS):
        raise ValueError(f"no such option: {', '.join(sorted(unknown))}")
    return given


def absent() -> web.Response:
    return json_response({"error": "no such record"}, status=HTTPStatus.NOT_FOUND)
