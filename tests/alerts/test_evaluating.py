"""Alerts fire, repeat and end by the time of the calls; events follow, but not of muted and explained ones."""

from datetime import UTC, datetime, timedelta
from ipaddress import ip_network

import pytest
from sqlalchemy import delete

from app.alerts import evaluate, replay, store
from app.alerts.rule import Mute, Rule, RuleSet
from app.archive.daily import value_keys
from app.archive.schema.count_tables import MEASURES, hour_counts
from app.archive.schema.periods import hour_of
from app.outbound.registry import webhooks
from app.outbox.event import ALERT_FIRING, ALERT_RESOLVED
from app.outbox.tables import deliveries
from tests.archive.records import rows_of

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
SITE = Rule(id="site_audio", kind="poor_share", by="site", warning=0.05, critical=0.20)
TENANT = Rule(id="tenant_audio", kind="poor_share", by="tenant", warning=0.05)
RULES = RuleSet((SITE,))
BAD, GOOD = (300, 300, 180, 150), (300, 300, 3, 150)


async def counted(database, numbers, hours, *, value="AAR-2", dimension="site"):
    """These streams, judged, poor and calls in each of these hours, which began so long before NOW."""
    rest = dict.fromkeys(MEASURES[4:], 0)
    async with database.begin() as db:
        [key] = (await value_keys.ensure(db, [(dimension, value, "t")])).values()
        for ago in hours:
            hour = hour_of(NOW - ago * HOUR)
            await db.execute(delete(hour_counts).where(hour_counts.c.value_key == key, hour_counts.c.hour == hour))
            row = dict(zip(MEASURES, numbers, strict=False)) | rest | {"value_key": key, "hour": hour}
            await db.execute(hour_counts.insert().values(row))


@pytest.fixture
async def listening(database):
    async with database.begin() as db:
        await webhooks.add(
            *(db, "https://127.0.0.1/", [ALERT_FIRING, ALERT_RESOLVED], "standard"),
            tenants=None,
            by="tests",
            at=NOW,
            allowed=(ip_network("127.0.0.0/8"),),
        )
    return database


async def events(database):
    return [row["kind"] for row in await rows_of(database, deliveries)]


async def alerts(database):
    async with database.reading() as db:
        return await store.listed(db, None)


async def test_an_alert_fires_once_repeats_after_a_day_and_ends_after_three_calm_hours(listening):
    await counted(listening, BAD, [2, 3])
    for minutes in (0, 0, 30):  # a pass that is done twice changes nothing
        await evaluate.evaluate(listening, RULES, NOW + timedelta(minutes=minutes))
    [alert] = await alerts(listening)
    assert (alert.state, alert.severity, alert.value, alert.poor) == ("firing", "critical", "AAR-2", 180)
    assert await events(listening) == [ALERT_FIRING]

    await evaluate.evaluate(listening, RULES, NOW + 25 * HOUR)  # no data since: the alert stays
    assert await events(listening) == [ALERT_FIRING] * 2

    await counted(listening, GOOD, [-26, -27, -28])
    await evaluate.evaluate(listening, RULES, NOW + 30 * HOUR)
    assert await events(listening) == [ALERT_FIRING] * 2  # the last of the three windows may still change
    await evaluate.evaluate(listening, RULES, NOW + timedelta(hours=31, minutes=30))
    [alert] = await alerts(listening)
    assert alert.state == "resolved"
    assert await events(listening) == [ALERT_FIRING] * 2 + [ALERT_RESOLVED]


async def test_an_acknowledged_alert_is_not_repeated_and_a_muted_one_not_reported(listening):
    await counted(listening, BAD, [2, 3])
    await evaluate.evaluate(listening, RuleSet((SITE,), (Mute(value="AAR-2"),)), NOW)
    assert await events(listening) == []
    await evaluate.evaluate(listening, RULES, NOW)
    [alert] = await alerts(listening)
    async with listening.begin() as db:
        assert await store.acknowledge(db, alert.fingerprint, "ops", NOW) == 1
    await evaluate.evaluate(listening, RULES, NOW + 25 * HOUR)
    assert await events(listening) == [ALERT_FIRING]


async def test_an_alert_of_the_tenant_explains_those_of_its_sites(listening):
    await counted(listening, BAD, [2, 3])
    await counted(listening, BAD, [2, 3], value="", dimension="all")
    await evaluate.evaluate(listening, RuleSet((TENANT, SITE)), NOW)
    assert len(await alerts(listening)) == 2
    [row] = await rows_of(listening, deliveries)
    assert '"rule":"tenant_audio"' in row["data"]


async def test_alerts_above_the_limit_are_one_digest(listening):
    for number in range(5):
        await counted(listening, BAD, [2, 3], value=f"site {number}")
    await evaluate.evaluate(listening, RuleSet((SITE,), most_an_hour=3), NOW)
    rows = await rows_of(listening, deliveries)
    assert len(rows) == 4
    assert '"title":"2 more alerts fire"' in rows[-1]["data"]
    await evaluate.evaluate(listening, RuleSet((SITE,), most_an_hour=3), NOW)
    assert len(await rows_of(listening, deliveries)) == 4


async def test_a_replay_finds_what_would_have_fired(database):
    await counted(database, BAD, [40, 41])
    await counted(database, GOOD, range(30, 40))
    async with database.reading() as db:
        [found] = await replay.replay(db, RULES, NOW - 48 * HOUR, NOW)
    assert (found["value"], found["severity"]) == ("AAR-2", "critical")
    assert NOW - 40 * HOUR < found["fired_at"] < found["resolved_at"] < NOW - 30 * HOUR
