"""Calls by telephone number, however the number was stored and however it is asked for."""

import pytest

from tests.archive.records import a_call_record, a_participant, an_identity, guid, save

pytestmark = pytest.mark.anyio

GENEVA, BERN, MASKED, BARE, NATIONAL, NAMED = map(guid, range(1, 7))
STORED = {
    GENEVA: "+41225550146",
    BERN: "+41315550199",
    MASKED: "+49155555****",
    BARE: "4930555000",
    NATIONAL: "0305550777",
}


@pytest.fixture(autouse=True)
async def calls(database):
    """A call for each stored number, and one of somebody whose name holds an @, % and _."""
    records = []
    for minute, (call_id, number) in enumerate(STORED.items()):
        phone = a_participant(
            id=number, identity={"phone": an_identity(id=number, displayName=None, userPrincipalName=None)}
        )
        records.append(a_call_record(id=call_id, startDateTime=f"2026-02-01T09:0{minute}:00Z", participants_v2=[phone]))
    named = a_participant(
        id=guid(99), identity={"guest": an_identity(id=guid(99), displayName="50%_ada@home", userPrincipalName=None)}
    )
    records.append(a_call_record(id=NAMED, startDateTime="2026-02-01T10:00:00Z", participants_v2=[named]))
    await save(database, *records)


async def found(api, query):
    answer = await api.get(f"/api/calls?order=start&{query}")
    assert answer.status_code == 200, answer.text
    return [item["id"] for item in answer.json()["items"]]


ASKED = [
    ("%2B41225550146", [GENEVA]),
    ("%2B41%2022%20555%2001%2046", [GENEVA]),
    ("+41225550146", [GENEVA]),  # a + that is not encoded is a blank
    ("+41+22+555+01+46", [GENEVA]),
    ("0041225550146", [GENEVA]),
    ("41225550146", [GENEVA]),
    ("%2B41*", [GENEVA, BERN]),
    ("0041*", [GENEVA, BERN]),
    ("+4122*", [GENEVA]),
    ("%2B49*", [MASKED, BARE]),
    ("%2B49155555****", [MASKED]),
    ("%2B49155555***", []),
    ("0049155555****", [MASKED]),
    ("%2B4930555000", [BARE]),
    ("0305550777", [NATIONAL]),
    ("%2B41225550147", []),
    ("%2B4122555014", []),
]


async def test_numbers_are_found_by_their_digits(api, subtests):
    for parameter in ["number", "participant"]:
        for text, ids in ASKED:
            with subtests.test(parameter=parameter, text=text, ids=ids):
                assert await found(api, f"{parameter}={text}") == ids


async def test_a_national_number_is_found_by_its_end(api):
    assert await found(api, "number=022+555+01+46") == [GENEVA]


async def test_signs_of_patterns_are_literal_and_names_may_hold_an_at(api, subtests):
    for text in ["%25", "_", "50%25_", "%25_ada", "ada@home", "50%25_ada@home", "a@h"]:
        with subtests.test(text=text):
            assert await found(api, f"participant={text}") == [NAMED]


NO_PATTERNS = ["4_225550146", "*@*", "ad*", "a%25@home", "1" * 40, "+" + "1" * 40, "+*"]


async def test_no_sign_stands_for_others(api, subtests):
    for text in NO_PATTERNS:
        with subtests.test(text=text):
            assert await found(api, f"participant={text}") == []


async def test_what_is_no_number_is_refused(api, subtests):
    for text in ["ada", "", "%2B", "*", "4%25", "41_225550146", "1" * 51]:
        with subtests.test(text=text):
            answer = await api.get(f"/api/calls?number={text}")
            assert answer.status_code == 422
            assert "number" in answer.json()["detail"]


async def test_a_number_and_a_person_must_both_have_taken_part(api, database):
    both = [
        a_participant(id="+41225550146", identity={"phone": an_identity(id="+41225550146", displayName=None)}),
        a_participant(id=guid(98), identity={"user": an_identity(id=guid(98), displayName="Grace Hopper")}),
    ]
    await save(database, a_call_record(id=guid(7), participants_v2=both))
    assert await found(api, "number=0041225550146&participant=grace") == [guid(7)]
    assert await found(api, "number=0041315550199&participant=grace") == []
