"""The metadata document, for clients that follow a link with `$metadata#` without checking it."""

from aiohttp import web

XML = """<?xml version="1.0" encoding="utf-8"?>
<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx"><edmx:DataServices>
<Schema Namespace="microsoft.graph.callRecords" xmlns="http://docs.oasis-open.org/odata/ns/edm">
<EntityType Name="callRecord"/></Schema></edmx:DataServices></edmx:Edmx>
"""


async def metadata(_: web.Request) -> web.Response:
    return web.Response(text=XML, content_type="application/xml")
