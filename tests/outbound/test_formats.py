"""The same events in each format, without anything that only a key may read."""

from datetime import UTC, datetime

import orjson
import pytest

from app.outbound.formats import formats
from app.outbound.formats.message import Message, path

AT = datetime(2026, 3, 2, 8, 0, 0, 999999, tzinfo=UTC)
CALL = {"tenant_id": "t", "call_id": "c", "quality": "poor", "failed": False, "failed_stage": None}
ALERT = {
    "tenant_id": "t",
    "rule": "site_audio",
    "title": "Poor audio: AAR-2",
    "severity": "critical",
    "fingerprint": "0123456789abcdef",
    "dimensions": {"site": "AAR-2"},
    "since": "2026-03-02T06:00:00Z",
    "poor": "14 of 61 streams (23 %)",
}


def written(form, kind, data):
    href = "https://calls.example.com" + path(kind, data)
    return orjson.loads(formats.BODIES[form](Message("msg_1", kind, AT, data, href)))


def test_the_standard_body_is_type_time_and_data():
    assert written("standard", "call.poor", CALL) == {
        "type": "call.poor",
        "timestamp": "2026-03-02T08:00:00Z",
        "data": {**CALL, "href": "https://calls.example.com/calls/c"},
    }


def test_teams_gets_one_adaptive_card_with_facts_and_a_link():
    message = written("teams", "alert.firing", ALERT)
    [attachment] = message["attachments"]
    assert (message["type"], attachment["contentType"]) == ("message", "application/vnd.microsoft.card.adaptive")
    card = attachment["content"]
    title, facts = card["body"]
    assert (card["type"], card["version"]) == ("AdaptiveCard", "1.4")
    assert (title["text"], title["color"]) == ("Alert: Poor audio: AAR-2", "Attention")
    assert {"title": "poor", "value": "14 of 61 streams (23 %)"} in facts["facts"]
    assert card["actions"][0]["url"] == "https://calls.example.com/alerts?id=0123456789abcdef"


def test_a_card_stays_below_the_limit_of_teams_and_a_name_is_no_markdown():
    many = {**ALERT, "title": "[click](https://evil.example)", "dimensions": {f"d{n}": "x" * 2000 for n in range(90)}}
    href = "https://calls.example.com/alerts/1"
    body = formats.BODIES["teams"](Message("msg_1", "alert.firing", AT, many, href))
    assert len(body) <= 28_000
    assert orjson.loads(body)["attachments"][0]["content"]["body"][0]["text"].startswith(r"Alert: \[click\]")


def test_alertmanager_gets_the_same_labels_and_fingerprint_when_an_alert_fires_and_ends():
    firing, resolved = (written("alertmanager", f"alert.{state}", ALERT) for state in ("firing", "resolved"))
    assert (firing["version"], firing["status"], resolved["status"]) == ("4", "firing", "resolved")
    assert firing["commonLabels"] == resolved["commonLabels"]
    assert firing["commonLabels"]["alertname"] == "site_audio"
    assert firing["groupKey"] == resolved["groupKey"]
    [began], [ended] = firing["alerts"], resolved["alerts"]
    assert began["fingerprint"] == ended["fingerprint"] == "0123456789abcdef"
    assert (began["startsAt"], began["endsAt"]) == ("2026-03-02T06:00:00Z", "0001-01-01T00:00:00Z")
    assert ended["endsAt"] == "2026-03-02T08:00:00Z"
    assert firing["externalURL"] == "https://calls.example.com"


def test_alertmanager_gets_events_of_one_call_under_one_fingerprint_each():
    one, same, other = (
        written("alertmanager", "call.poor", data)["alerts"][0]["fingerprint"]
        for data in (CALL, {**CALL, "quality": "good"}, {**CALL, "call_id": "d"})
    )
    assert one == same != other


PAGES = [
    ("call.updated", {"call_id": "c"}, "/calls/c"),
    ("inbox.failed", {"call_id": "c"}, "/inbox?state=failed"),
    ("subscription.expiring", {}, "/subscriptions"),
    ("alert.resolved", {"fingerprint": "f"}, "/alerts?id=f"),
    ("test.ping", {}, "/webhooks"),
]


@pytest.mark.parametrize(("kind", "data", "page"), PAGES)
def test_each_event_links_to_the_page_that_shows_it(kind, data, page):
    assert path(kind, data) == page
    for form in formats.BODIES:
        assert page in formats.BODIES[form](Message("msg_1", kind, AT, data, f"https://c.example{page}")).decode()
