"""Takes erased people out of a row of the PSTN or Direct Routing log. Pure.

A row names one user. Where that is an erased person, their id, address and name become a pseudonym, and so does the
number on their side of the call, which is theirs. Elsewhere a text that mentions one of these is rewritten as in call
records. The pseudonym is that of the call that the row names, so that both still belong together.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.archive.documents import codec, exact_json
from app.archive.documents.json_text import edited
from app.archive.erasure import erase_document
from app.archive.erasure.digests import Erased
from app.archive.erasure.judge import Judge
from app.archive.erasure.traces import Traces
from app.archive.parse.call_logs import call_types
from app.archive.parse.call_logs.row import LogRow, parsed
from app.ids import CallId

USER = {"userId": "ids", "userPrincipalName": "principal_names", "userDisplayName": "names"}
NUMBERS = {"callerNumber": call_types.INBOUND, "calleeNumber": call_types.OUTBOUND}
"""With the direction in which the number is that of the other party."""


def without(row: LogRow, erased: Erased, now: datetime, known: Mapping[str, Traces] | None = None) -> LogRow:
    """The row without erased people; itself if it has none. ``known``: traces by the person of ``erased``."""
    if not erased:
        return row
    item = exact_json.loads(codec.unpack(row.columns["document"]))
    judge = judge_of(row, erased)
    new = exact_json.dumps(item | _replaced(item, judge))
    traces = {judge_of_person(row, erased, person): found for person, found in (known or {}).items()}
    who, its_traces = traces_of(item, judge)
    if who:
        traces[who] = traces.get(who, Traces()) | its_traces
    if edits := erase_document.edits(erase_document.read(new), judge, traces):
        new = edited(new, edits)
    if new == exact_json.dumps(item):
        return row
    again = parsed(row.tenant_id, row.kind, exact_json.loads(new), now)
    return row if again is None else again._replace(row_id=row.row_id)


def judge_of(row: LogRow, erased: Erased) -> Judge:
    return Judge(erased, row.tenant_id, CallId(row.columns["join_id"] or row.row_id))


def judge_of_person(row: LogRow, erased: Erased, person: str) -> str:
    """The person's pseudonym in this row."""
    judge = judge_of(row, erased)
    return erased.pseudonym(person, judge.tenant_id, judge.call_id)


def traces_of(item: dict[str, Any], judge: Judge) -> tuple[str | None, Traces]:
    """The pseudonym of the row's user if erased, and by what else that person is known there."""
    who, traces = _user(item, judge), Traces()
    for name, kind in USER.items() if who else ():
        value = _text(item, name)
        if value and value != who:
            getattr(traces, kind).add(value)
    return who, traces


def _replaced(item: dict[str, Any], judge: Judge) -> dict[str, str]:
    """The properties that become a pseudonym."""
    who = _user(item, judge)
    changes = dict.fromkeys((name for name in USER if _text(item, name)), who) if who else {}
    call_type = call_types.meaning(_text(item, "callType"))
    is_shared = call_type.is_voice_app or call_type.is_conference  # the number of a hotline or a conference bridge
    for name, of_other in NUMBERS.items():
        number = _text(item, name)
        is_own = who is not None and not is_shared and call_type.direction != of_other
        whose = who if is_own else judge.mention(number) if number else None
        if number and whose:
            changes[name] = whose
    return {name: text for name, text in changes.items() if text}


def _user(item: dict[str, Any], judge: Judge) -> str | None:
    return judge.identity(_text(item, "userId"), _text(item, "userPrincipalName"))


def _text(item: dict[str, Any], name: str) -> str | None:
    value = item.get(name)
    return value if isinstance(value, str) and value.strip() else None
