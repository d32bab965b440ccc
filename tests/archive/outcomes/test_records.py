"""Outcomes of complete records: those that were reported in public, and those of the simulator in every shape."""

import orjson
import pytest

from app.archive.outcomes.stored import STEPS, with_outcome
from app.simulator.calls import KINDS
from app.simulator.records import a_call_record as invented
from tests.archive.records import SHARED, kept, needs_shared


def judged(record):
    return with_outcome(kept(record))


def outcome(record):
    row = judged(record).row
    return row["outcome"], row["outcome_basis"], row["outcome_confidence"]


def way(record):
    return [(kind, offered) for _, kind, _, _, _, _, _, offered, _ in judged(record).children[STEPS]]


@needs_shared
def test_the_queue_call_of_the_field_was_answered_by_the_agent_who_talked():
    record = judged(orjson.loads((SHARED / "field-cases" / "auto-attendant-and-call-queue.json").read_bytes()))
    row = record.row
    assert (row["outcome"], row["outcome_basis"], row["direction"], row["pstn"], row["failed"]) == (
        *("answered", "agent_session", "inbound"),
        True,
        False,
    )
    assert (row["wait_seconds"], row["talk_seconds"]) == (70.0, 290.0)
    steps = [(kind, name, offered, wait) for _, kind, _, name, _, _, _, offered, wait in record.children[STEPS]]
    assert steps == [
        ("auto_attendant", None, 0, None),
        ("call_queue", None, 2, 20.0),
        ("agent", "Agent Answered", 0, None),
    ]


SAMPLES = {
    "docs-v1.0-get-callrecord-example2.json": ("unknown", "nothing", "low"),  # media without packets
    "cri-minimal-callrecord.json": ("unknown", "meeting", "low"),
    "docs-v1.0-list-callrecords-example1.json": ("unknown", "nothing", "low"),
}


@needs_shared
@pytest.mark.parametrize("file", SAMPLES)
def test_a_sample_of_microsoft_is_judged_by_what_it_has(file):
    value = orjson.loads((SHARED / "samples" / file).read_bytes())
    assert {outcome(record) for record in value.get("value", [value])} == {SAMPLES[file]}


INVENTED = {
    "peerToPeer": ("answered", "media", "medium"),
    "video": ("answered", "media", "medium"),
    "groupCall": ("unknown", "meeting", "low"),
    "pstn": ("answered", "media", "low"),
    "failed": ("not_answered", "no_media", "low"),
    "queue": ("answered", "agent_session", "medium"),
    "queue_missed": ("not_answered", "agents_only_rang", "medium"),
    "queue_menu": ("abandoned", "hung_up_in_menu", "medium"),
    "queue_abandoned": ("abandoned", "ended_in_queue", "low"),
    "queue_overflow": ("overflowed", "left_queue_at_once", "low"),
    "queue_timed_out": ("timed_out", "left_queue_later", "low"),
    "second_queue": ("answered", "agent_session", "medium"),
    "queue_voicemail": ("voicemail", "voicemail_role", "low"),
    "queue_forwarded": ("forwarded", "number_after_queue", "low"),
    "no_sessions": ("unknown", "meeting", "low"),
}


@pytest.mark.parametrize("kind", INVENTED)
@pytest.mark.parametrize("shape", ["v1.0", "beta"])
def test_an_invented_call_is_judged_alike_in_both_forms(kind, shape):
    assert outcome(invented(seed=7, **KINDS[kind], shape=shape)) == INVENTED[kind]


def test_the_pseudo_user_is_no_agent_and_no_step():
    record = invented(seed=7, **KINDS["queue"])
    assert way(record) == [("auto_attendant", 0), ("call_queue", 3), ("agent", 0)]


def test_the_first_version_may_lack_the_agents():
    record = invented(seed=7, **KINDS["queue"], lacks_agents=True)
    assert (outcome(record), way(record)) == (INVENTED["queue_abandoned"], [("auto_attendant", 0), ("call_queue", 0)])
