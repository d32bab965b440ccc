"""What the poor calls of a person have in common, by their diagnoses, from the rows on both databases."""

from datetime import timedelta

import pytest

from app.archive.diagnosis.patterns import patterns
from app.archive.people import person, poor_calls
from app.archive.queries.filters import Filters
from tests.archive.diagnosis.calls import CABLE, LOSS, START, WIFI_24, a_call
from tests.archive.records import guid, save

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("detail")]

HOME = WIFI_24 | {"subnet": "192.168.1.0"}
OFFICE = CABLE | {"subnet": "10.20.4.0"}


def a_day_of(number, **changes):
    """A call of Ada, as changed, some days later."""
    return a_call(id=guid(), start=START + timedelta(days=number), **changes)


async def patterns_of(database, who):
    async with database.reading() as db:
        return patterns((await person.profile(db, who, Filters())).diagnoses)


@pytest.fixture
async def people(database):
    """The ids of Ada, whose Wi-Fi at home is weak, and of Bea, whom she calls."""
    poor = [a_day_of(number, ada=HOME, to_ada=LOSS, to_bea=LOSS) for number in range(3)]
    await save(database, *poor, a_day_of(4, ada=OFFICE, bea=OFFICE, to_ada=LOSS), a_day_of(5, ada=HOME))
    session = poor[0]["sessions"][0]
    return [session[side]["associatedIdentity"]["id"] for side in ("caller", "callee")]


async def test_a_cause_is_counted_with_the_network_that_most_calls_have(database, people):
    wifi, loss = await patterns_of(database, people[0])
    assert wifi.sentence == (
        "3 of 4 poor calls: Wi-Fi on 2.4 GHz, in a home network (192.168.1.0). Try 5 GHz or a cable."
    )
    assert (loss.code, loss.calls, loss.of, loss.at_home) == ("packet_loss", 1, 4, False)


async def test_a_cause_at_the_other_end_is_not_this_persons(database, people):
    (other,) = await patterns_of(database, people[1])
    assert other.sentence == (
        "3 of 3 poor calls: cause at the other end. Ask the other participants about their connection."
    )


async def test_only_the_newest_poor_calls_are_read(database, people, monkeypatch):
    monkeypatch.setattr(poor_calls, "MOST", 2)
    found = await patterns_of(database, people[0])
    assert sorted((one.code, one.calls, one.of) for one in found) == [("packet_loss", 1, 2), ("wifi_2_4_ghz", 1, 2)]
