"""Events are committed with what they report, or not at all."""

from datetime import UTC, datetime, timedelta

import orjson
import pytest

from app.fetch.failures import Failures
from app.fetch.pace import Pace
from app.fetch.saver import Fetched, Saver
from app.graph.errors import Refused
from app.inbox import queue, tenant_state
from app.inbox.queue import Notice
from app.outbound.registry import webhooks
from app.outbox import writing
from app.outbox.event import CALL_ARCHIVED, INBOX_FAILED, SUBSCRIPTION_EXPIRING, call_event
from app.outbox.tables import deliveries
from app.settings.units import Rate
from app.subscriptions import expiring
from app.subscriptions import model as subscriptions
from tests.archive.records import TENANT, a_call_record, a_media, a_segment, a_session, a_stream, kept, rows_of

pytestmark = pytest.mark.anyio

ME = "worker-of-this-test"
URL = "https://hooks.example.com/"


def poor(**changes):
    media = a_media(streams=[a_stream(averagePacketLossRate=0.4, maxPacketLossRate=0.9)])
    return a_call_record(sessions=[a_session(segments=[a_segment(media=[media])])], **changes)


async def stored(database, saver, *documents):
    """The records as a worker stores them."""
    async with database.begin() as db:
        await tenant_state.ensure_rows(db, [TENANT])
        await queue.put(db, [Notice(TENANT, each["id"]) for each in documents], datetime.now(UTC))
        claims = {claim.call_id: claim for claim in await queue.claim(db, ME, [TENANT], 100, timedelta(minutes=2))}
    await saver.save([Fetched(claims[each["id"]], kept(each)) for each in documents])


async def written(database):
    return [(row["kind"], row["subject"]) for row in await rows_of(database, deliveries)]


async def test_stored_calls_are_events_with_their_verdicts_and_nothing_without_a_webhook(outbound):
    saver, document = Saver(outbound.database, ME), poor()
    await stored(outbound.database, saver, a_call_record(id="00000000-0000-4000-8000-000000000099"))
    assert await written(outbound.database) == []
    await outbound.add(URL)
    await stored(outbound.database, saver, document)
    await stored(outbound.database, saver, {**document, "version": 2})
    call = document["id"]
    kinds = [("call.archived", call), ("call.poor", call), ("call.updated", call)]
    assert await written(outbound.database) == kinds
    data = [row["data"] for row in await rows_of(outbound.database, deliveries)]
    assert '"quality":"poor"' in data[0]
    assert '"version":2' in data[2]


async def test_an_event_is_rolled_back_with_its_transaction(outbound):
    await outbound.add(URL)

    async def write_and_fail(db):
        await writing.write(db, [call_event(CALL_ARCHIVED, TENANT, "a call")], datetime.now(UTC))
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await outbound.do(write_and_fail)
    assert await written(outbound.database) == []


async def test_a_failed_row_of_the_inbox_is_an_event_unless_it_was_notified_again(outbound):
    async with outbound.database.begin() as db:
        await queue.put(db, [Notice(TENANT, "a"), Notice(TENANT, "b")], datetime.now(UTC))
        first, second = await queue.claim(db, ME, [TENANT], 2, timedelta(minutes=2))
        await queue.put(db, [Notice(TENANT, second.call_id)], datetime.now(UTC))
    await outbound.add(URL)
    failures = Failures(outbound.database, ME, {TENANT: Pace(Rate(100, 1.0))}, lambda _, store: store(), None)
    for claim in (first, second):
        await failures.settle(claim, Refused("this record"))
    assert await written(outbound.database) == [(INBOX_FAILED, first.call_id)]


async def test_a_subscription_that_ends_soon_is_reported_once(outbound):
    now = datetime.now(UTC)
    await outbound.add(URL, kinds=[SUBSCRIPTION_EXPIRING, INBOX_FAILED])
    async with outbound.database.begin() as db:
        ours, _ = await subscriptions.insert(db, TENANT, "https://we.example/n", "https://we.example/l", now)
        await subscriptions.update_row(db, ours, subscription_id="graph's", expires_at=now + timedelta(hours=30))
        await expiring.write(db, TENANT, now)
    assert await written(outbound.database) == []
    for hours in (7, 8):
        async with outbound.database.begin() as db:
            await expiring.write(db, TENANT, now + timedelta(hours=hours))
    assert await written(outbound.database) == [(SUBSCRIPTION_EXPIRING, f"subscription {ours}")]


async def test_no_event_holds_a_name_an_address_or_a_number_of_its_call(outbound):
    """Erasure has nothing to remove from events: they have ids and verdicts alone."""
    await outbound.add(URL)
    await stored(outbound.database, Saver(outbound.database, ME), poor())
    [archived, *_] = await rows_of(outbound.database, deliveries)
    times = ("start", "end")
    verdicts = ("version", "complete", "quality", "failed", "failed_stage", "outcome", "outcome_confidence", "pstn")
    allowed = {"tenant_id", "call_id", *times, *verdicts}
    assert set(orjson.loads(archived["data"])) == allowed


async def test_the_url_and_the_secrets_are_stored_encrypted(outbound):
    added = await outbound.add("https://hooks.example.com/secret-path?key=secret-key")
    async with outbound.database.reading() as db:
        row = await webhooks.find(db, added.webhook_id, None)
        opened = await webhooks.decrypted(db, row, datetime.now(UTC))
    stored_bytes = b"|".join(value for value in row if isinstance(value, bytes))
    assert b"secret-path" not in stored_bytes
    assert added.secret.encode() not in stored_bytes
    assert row.shown_url == "https://hooks.example.com/secret-path/…"
    assert (opened.url, opened.secrets) == ("https://hooks.example.com/secret-path?key=secret-key", (added.secret,))


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"kinds": ["call.deleted"]}, "is no event type"),
        ({"kinds": []}, "at least one event type"),
        ({"form": "carrier pigeon"}, "is no format"),
        ({"url": "https://127.0.0.1/", "allowed": ()}, "WEBHOOK_ALLOW"),
    ],
)
async def test_a_webhook_that_cannot_work_is_refused_in_one_line(outbound, changes, wrong):
    with pytest.raises(webhooks.WebhookRefused, match=wrong):
        await outbound.add(**{"url": URL} | changes)
