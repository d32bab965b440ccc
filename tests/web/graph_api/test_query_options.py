"""The query options as a table: what is read, how, and by what name the rest is refused."""

from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.web.graph_api.odata import query_options
from app.web.graph_api.odata.entity_types import CALL_RECORD
from app.web.graph_api.odata.projection import Projection
from app.web.graph_api.odata.query_options import RefusedError

ALLOWED = frozenset({"$select", "$expand", "$filter", "$top", "$count", "$skiptoken"})
ADA = "participants_v2/any(p:p/id eq 'ada')"
NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


def parse(**options):
    return query_options.parse([(f"${name}", text) for name, text in options.items()], CALL_RECORD, ALLOWED)


@pytest.mark.parametrize(
    ("text", "starts", "participants"),
    [
        ("startDateTime ge 2026-01-31T12:00:00Z", (("ge", NOON),), ()),
        ("startDateTime lt 2026-01-31T12:00:00.0000009Z", (("lt", NOON),), ()),
        ("startDateTime gt 2026-01-31T13:00:00+01:00", (("gt", NOON),), ()),
        ("startDateTime le 2026-01-31T13:00:00 01:00", (("le", NOON),), ()),
        ("startDateTime le 2026-01-31T11:00-01:00", (("le", NOON),), ()),
        (ADA, (), ("ada",)),
        (" participants_v2 / any ( x : x / id eq 'a''b and (c' ) ", (), ("a'b and (c",)),
        (f"{ADA} and {ADA}", (), ("ada",)),
        ("participants_v2/any(p:p/id eq ' 4915555501234')", (), ("+4915555501234",)),
        ("participants_v2/any(p:p/id eq ' 49155555****')", (), ("+49155555****",)),
        ("participants_v2/any(p:p/id eq ' 49 ada')", (), (" 49 ada",)),
        (f"(({ADA}) and (startDateTime ge 2026-01-31T12:00:00Z))", (("ge", NOON),), ("ada",)),
    ],
)
def test_filters_are_read(text, starts, participants):
    found = parse(filter=text).filter
    assert (found.starts, found.participants) == (starts, participants)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("", "a property"),
        ("startDateTime", "an operator"),
        ("startDateTime eq 2026-01-31T12:00:00Z", "'eq'"),
        ("startDateTime ne 2026-01-31T12:00:00Z", "'ne'"),
        ("startDateTime ge 2026-01-31", "'2026-01-31'"),
        ("startDateTime ge 2026-13-31T12:00:00Z", "2026-13-31"),
        ("startDateTime ge 2026-01-31T12:00:00", "2026-01-31"),
        ("startDateTime ge 0001-01-01T00:00:00+14:00", "0001-01-01"),
        ("startDateTime ge '2026-01-31T12:00:00Z'", "a text stands"),
        ("startDateTime ge endDateTime", "'endDateTime'"),
        ("startDateTime ge now()", "'now'"),
        ("2026-01-31T12:00:00Z le startDateTime", "a property"),
        ("endDateTime ge 2026-01-31T12:00:00Z", "'endDateTime'"),
        ("type eq 'groupCall'", "'type'"),
        ("__class__ eq 1", "'__class__'"),
        ("contains(joinWebUrl,'x')", "function 'contains'"),
        (f"{ADA} or {ADA}", "'or'"),
        (f"not {ADA}", "'not'"),
        (f"not({ADA})", "'not'"),
        (f"{ADA} {ADA}", "its end"),
        (f"{ADA} and", "a property"),
        (f"({ADA}", "')'"),
        (f"{ADA})", "')'"),
        ("participants_v2/all(p:p/id eq 'ada')", "'all'"),
        ("participants_v2/any()", "a variable"),
        ("participants_v2/any(p:q/id eq 'ada')", "'q'"),
        ("participants_v2/any(p:p/name eq 'ada')", "'name'"),
        ("participants_v2/any(p:p/id ne 'ada')", "'ne'"),
        ("participants_v2/any(p:p/id eq ada)", "'ada'"),
        ("participants_v2/any(p:p/id eq 'ada' or p/id eq 'bob')", "'or'"),
        ("participants_v2/$count gt 3", "'$count'"),
        ("participants_v2/any(p:p/id eq 'ada", "character"),
        ("startDateTime ge ☃", "character"),
        ("(" * 100 + ADA + ")" * 100, "brackets"),
        (" and ".join([ADA] * 30), "more than 20"),
        ("x" * 5000, "longer than"),
    ],
)
def test_other_filters_are_refused_by_name(text, named):
    with pytest.raises(RefusedError) as refusal:
        parse(filter=text)
    assert named in str(refusal.value)


def test_a_refusal_does_not_repeat_a_text_in_quotes():
    with pytest.raises(RefusedError) as refusal:
        parse(filter="startDateTime ge 'Ada Lovelace'")
    assert "Ada" not in str(refusal.value)


@pytest.mark.parametrize(
    ("expand", "again"),
    [
        ("sessions", "sessions"),
        (" sessions ( $expand = segments ) , participants_v2 ", "sessions($expand=segments),participants_v2"),
        ("sessions($select=id,caller;$expand=segments($select=id))", None),
        ("sessions($expand=segments;$select=id)", "sessions($select=id;$expand=segments)"),
        ("organizer_v2,participants_v2($select=id)", None),
        ("sessions($select=*)", "sessions"),
    ],
)
def test_expands_are_read_and_written_again(expand, again):
    wanted = parse(expand=expand).wanted
    assert dict(wanted.options())["$expand"] == (again or expand)
    assert parse(**{name[1:]: text for name, text in wanted.options()}).wanted == wanted


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"expand": ""}, "a property"),
        ({"expand": "sessions,"}, "a property"),
        ({"expand": "sessions,sessions"}, "twice"),
        ({"expand": "segments"}, "'segments'"),
        ({"expand": "participants"}, "'participants'"),
        ({"expand": "*"}, "'*'"),
        ({"expand": "sessions/segments"}, "'/'"),
        ({"expand": "sessions($expand=media)"}, "'media'"),
        ({"expand": "sessions($expand=segments"}, "')'"),
        ({"expand": "sessions()"}, "an option"),
        ({"expand": "sessions($filter=id eq '1')"}, "'$filter'"),
        ({"expand": "sessions($top=1)"}, "'$top'"),
        ({"expand": "sessions($select=id;$select=id)"}, "twice"),
        ({"expand": "sessions($select=nothing)"}, "'nothing'"),
        ({"select": ""}, "a property"),
        ({"select": "id,,type"}, "a property"),
        ({"select": "id,colour"}, "'colour'"),
        ({"select": "organizer/user"}, "'/'"),
        ({"top": "0"}, "$top"),
        ({"top": "-1"}, "$top"),
        ({"top": "all"}, "$top"),
        ({"top": "²"}, "$top"),
        ({"top": "9" * 5000}, "$top"),
        ({"count": "maybe"}, "$count"),
        ({"orderby": "startDateTime"}, "'$orderby'"),
        ({"skip": "1"}, "'$skip'"),
        ({"search": "x"}, "'$search'"),
        ({"format": "json"}, "'$format'"),
        ({"apply": "x"}, "'$apply'"),
    ],
)
def test_other_options_are_refused_by_name(options, named):
    with pytest.raises(RefusedError) as refusal:
        parse(**options)
    assert named in str(refusal.value)


def test_an_option_that_comes_twice_is_refused():
    with pytest.raises(RefusedError, match="twice"):
        query_options.parse([("$top", "1"), ("top", "2")], CALL_RECORD, ALLOWED)


KNOWN = "startDateTime ge and or ( ) participants_v2 / any p : id eq 'x' '' $select $expand = ; , sessions segments *"
WORDS = st.lists(st.sampled_from([*KNOWN.split(), "2026-01-31T12:00:00Z", "9", "-", "'", "\x00", "\ud800"]))


@given(
    option=st.sampled_from(sorted(ALLOWED | {"$orderby"})), text=st.text() | WORDS.map(" ".join) | WORDS.map("".join)
)
@example("$filter", "participants_v2/any(and:and/id eq 'x')")
@example("$filter", "startDateTime ge 9999-12-31T23:59:59-14:00")
def test_no_text_does_more_than_be_refused(option, text):
    try:
        wanted = query_options.parse([(option, text)], CALL_RECORD, ALLOWED).wanted
    except RefusedError as error:
        wanted = str(error)
    assert isinstance(wanted, Projection) or len(wanted) < 300
