"""`/healthz`, `/readyz`, `/metrics`: open to everyone who can reach the port, without personal data."""

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from app.health.gauges import Gauges
from app.health.readiness import check, reasons_not_ready
from app.web.context import context

router = APIRouter(tags=["health"])


@router.get("/healthz", response_class=PlainTextResponse, summary="The process lives")
async def healthz() -> str:
    """Touches nothing but the event loop."""
    return "ok"


@router.get("/readyz", summary="It does its work, or why not")
async def readyz(request: Request) -> Response:
    """200, or 503 with the reasons: database, migration, storing, subscription, renewal, collecting, silence,
    deadline.
    """
    here = context(request)
    seconds = here.readiness_seconds
    found = await reasons_not_ready(here.database, here.tenant_ids, here.storing, seconds=seconds)
    reasons = [reason.as_json() for reason in found]
    return JSONResponse({"ready": not reasons, "reasons": reasons}, 503 if reasons else 200)


@router.get("/metrics", response_class=PlainTextResponse, summary="For Prometheus")
async def metrics(request: Request) -> Response:
    """The counters of this process, and the gauges from the database."""
    here = context(request)
    found = await check(here.database, here.tenant_ids, here.storing, seconds=here.readiness_seconds)
    reading = CollectorRegistry()
    reading.register(Gauges(found))
    text = generate_latest(here.metrics.registry) + generate_latest(reading)
    return Response(text, media_type=CONTENT_TYPE_LATEST)
