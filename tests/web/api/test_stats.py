from datetime import UTC, datetime, timedelta

import pytest

from tests.archive.records import a_call_record, a_participant, guid, kept, save
from tests.web.api.test_filters_of_calls import failed, poor
from tests.web.application import OTHER, TENANT

pytestmark = pytest.mark.anyio

DAYS = {"from": "2026-02-01T00:00:00Z", "to": "2026-02-05T00:00:00Z"}


def a_call(day, hour=9, minutes=10, **special):
    start = datetime(2026, 2, day, hour, 30, tzinfo=UTC)
    times = {"startDateTime": start.isoformat(), "endDateTime": (start + timedelta(minutes=minutes)).isoformat()}
    return a_call_record(id=guid(), **times, **special)


async def filled(database):
    calls = [
        a_call(1),
        a_call(1, hour=23, minutes=60, type="groupCall", modalities=["audio", "video"]),
        a_call(3, sessions=[poor()]),
        a_call(3, sessions=[failed()], participants_v2=[a_participant()] * 3),
    ]
    await save(database, *[kept(call, tenant=TENANT) for call in calls], kept(a_call(2, minutes=600), tenant=OTHER))


async def stats(api, **asked):
    answer = await api.get("/api/stats", params={**DAYS, **asked})
    assert answer.status_code == 200, answer.text
    return answer.json()


def by(figures):
    return {value["value"]: value["calls"] for value in figures["by"]}


async def test_every_day_of_the_range_is_there_also_without_a_call(database, api):
    await filled(database)
    found = await stats(api)
    assert [(day["start"][:10], day["calls"], day["minutes"]) for day in found["buckets"]] == [
        ("2026-02-01", 2, 70.0),
        ("2026-02-02", 1, 600.0),
        ("2026-02-03", 2, 20.0),
        ("2026-02-04", 0, 0.0),
    ]
    total = found["total"]
    # Of each call, its organizer, both ends of its session and its participants; the same participant counts once.
    assert (total["calls"], total["failed"], total["poor"], total["participants"]) == (5, 1, 1, 4 * 5 + 4)
    assert (total["streams"], total["poor_streams"], total["poor_streams_share"]) == (5, 1, 0.2)
    assert found["buckets"][3]["failed_share"] is None


async def test_hours_are_those_of_utc(database, api):
    await filled(database)
    found = await stats(api, bucket="hour", to="2026-02-02T00:00:00Z")
    assert len(found["buckets"]) == 24
    assert [hour["start"][11:13] for hour in found["buckets"] if hour["calls"]] == ["09", "23"]


BY = [
    ("type", {"peerToPeer": 4, "groupCall": 1}),
    ("modality", {"audio": 5, "video": 1}),
    ("quality", {"good": 4, "poor": 1}),
    ("failed", {"false": 4, "true": 1}),
    ("rating", {None: 5}),
    ("tenant", {TENANT: 4, OTHER: 1}),
    ("platform", {"windows": 5}),
    ("product_family", {"teams": 5}),
    ("connection_type", {None: 5}),
    ("wifi_band", {None: 5}),
    ("audio_codec", {"satin": 5}),
]


async def test_calls_are_grouped(database, api, subtests):
    await filled(database)
    for what, expected in BY:
        with subtests.test(what=what, expected=expected):
            assert by((await stats(api, by=what))["total"]) == expected


async def test_a_call_without_a_start_counts_where_it_ended_and_the_range_cuts_days(database, api):
    await save(database, kept(a_call_record(startDateTime=None, endDateTime="2026-02-01T10:00:00Z"), tenant=TENANT))
    assert (await stats(api))["total"]["calls"] == 1
    cut = await stats(api, **{"from": "2026-02-01T10:00:01Z"})
    assert cut["total"]["calls"] == 0
    assert cut["buckets"][0]["start"].startswith("2026-02-01T00:00")


async def test_the_last_thirty_days_are_usual(api):
    assert len((await api.get("/api/stats")).json()["buckets"]) == 31


async def test_one_tenant_may_be_asked_for(database, api):
    await filled(database)
    assert (await stats(api, tenant=OTHER))["total"]["calls"] == 1


REFUSED = [
    ({"bucket": "hour", "to": "2026-06-01T00:00:00Z"}, 400, "bucket=day"),
    ({"from": "2001-02-01T00:00:00Z"}, 400, "less time"),
    ({"bucket": "week"}, 422, "bucket"),
    ({"by": "colour"}, 422, "audio_codec"),
    ({"to": "2026-01-01T00:00:00Z"}, 422, "from"),
    ({"from": "0001-01-01T00:00:00Z", "to": "9999-12-31T23:59:59Z"}, 422, "from"),
    ({"quality": "poor"}, 400, "quality"),
]


async def test_what_cannot_be_counted_is_refused_with_what_to_do(api, subtests):
    for asked, status, said in REFUSED:
        with subtests.test(asked=asked, status=status, said=said):
            answer = await api.get("/api/stats", params={**DAYS, **asked})
            assert answer.status_code == status
            assert said in answer.json()["detail"]
