"""A Graph that only says what it was given: answers word by word, and one more page behind each link."""

import orjson
from aiohttp import web

MORE = {"sessions": "one more session", "participants_v2": "one more participant"}


class Replay:
    """Call records by their ids as the text of Graph's answer, at a plain http address of this machine."""

    def __init__(self, texts):
        self.texts = texts
        self.url = ""

    async def __aenter__(self):
        app = web.Application()
        records = "/v1.0/communications/callRecords"
        app.router.add_get(records, self.no_list)
        app.router.add_get(records + "/{id}", self.record)
        app.router.add_get(records + "/{id}/{part}", self.page)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_):
        await self._runner.cleanup()

    async def no_list(self, _):
        return web.json_response({"value": []})

    async def record(self, request):
        return web.Response(body=self.texts[request.match_info["id"]], content_type="application/json")

    async def page(self, request):
        """What stands behind the documentation's `$skiptoken=abc`; no list begins here, because no answer shows one."""
        if "$skiptoken" not in request.query:
            missing = f"Resource not found for the segment '{request.match_info['part']}'."
            return web.json_response({"error": {"code": "BadRequest", "message": missing}}, status=404)
        assert request.query["$skiptoken"] == "abc", request.path_qs
        return web.json_response({"value": [{"id": MORE[request.match_info["part"]]}]})


def whole(text):
    """The record that the pages add up to."""
    document = orjson.loads(text)
    for name, more in MORE.items():
        if document.pop(f"{name}@odata.nextLink", None):
            document[name] = [*document.get(name, []), {"id": more}]
    return document
