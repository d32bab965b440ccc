"""`/healthz`, `/readyz`, `/metrics`: open to whoever can reach the port, without a person's data."""

import asyncio

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from sqlalchemy.exc import SQLAlchemyError

from app.web import status
from app.web.context import context
from app.web.gauges import Gauges

router = APIRouter(tags=["health"])


@router.get("/healthz", response_class=PlainTextResponse, summary="The process lives")
async def healthz() -> str:
    """Touches nothing but the event loop."""
    return "ok"


@router.get("/readyz", summary="It does its work, or why not")
async def readyz(request: Request) -> Response:
    """200, or 503 with the reasons: database, migration, subscription, collecting."""
    here = context(request)
    reasons = await status.reasons_not_ready(here.database, here.tenant_ids)
    return JSONResponse({"ready": not reasons, "reasons": reasons}, 503 if reasons else 200)


@router.get("/metrics", response_class=PlainTextResponse, summary="For Prometheus")
async def metrics(request: Request) -> Response:
    """The counters of this process, and what the database says of the whole."""
    here = context(request)
    text = generate_latest(here.metrics.registry)
    try:
        async with asyncio.timeout(status.PATIENCE):
            tenants = await status.tenant_states(here.database, here.tenant_ids)
    except (SQLAlchemyError, OSError):
        tenants = None  # the counters are still worth reading
    reading = CollectorRegistry()
    if tenants is not None:
        reading.register(Gauges(tenants))
    return Response(text + generate_latest(reading), media_type=CONTENT_TYPE_LATEST)
