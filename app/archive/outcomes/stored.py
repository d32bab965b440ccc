"""A record with its outcome: the columns of its row, and the rows of its steps. Pure."""

from collections.abc import Sequence
from dataclasses import replace

from app.archive.outcomes import evidence, from_record
from app.archive.outcomes.evidence import LogEvidence
from app.archive.outcomes.facts import NO_APPS, Apps
from app.archive.outcomes.judge import judged
from app.archive.parse.record import ParsedRecord

LONGEST_CHAIN = 100  # steps that are stored; a call is passed on a few times
STEPS = "voice_app_steps"


def with_outcome(record: ParsedRecord, apps: Apps = NO_APPS, rows: Sequence[LogEvidence] = ()) -> ParsedRecord:
    """Of the record as it was read; what was judged before is replaced."""
    found = judged(from_record.facts(record), apps, rows)
    columns = {
        "outcome": found.verdict.outcome,
        "outcome_basis": found.verdict.basis,
        "outcome_confidence": found.verdict.confidence,
        "outcome_provisional_until": found.provisional_until,
        "outcome_rows": evidence.digest(rows),
        "direction": found.direction,
        "wait_seconds": found.chain.wait_seconds,
        "talk_seconds": found.chain.talk_seconds,
        "pstn": record.row["pstn"] or found.pstn,
    }
    steps = [
        (
            *(position, step.kind, step.object_id, step.name, step.start, step.end, step.result),
            *(step.agents_offered, step.wait_seconds),
        )
        for position, step in enumerate(found.chain.steps[:LONGEST_CHAIN])
    ]
    return replace(record, row=record.row | columns, children=record.children | {STEPS: steps})
