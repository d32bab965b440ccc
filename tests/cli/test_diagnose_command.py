"""`callkeeper diagnose`: the text to paste, JSON, and a call that the archive does not have."""

import asyncio

import orjson
import pytest

from app.db import Database
from tests.archive.diagnosis.calls import LOSS, WIFI_24, a_call
from tests.archive.records import guid, save
from tests.docs import pages

[_OF_PAGE] = [block for block in pages.blocks("docs/diagnosis.md") if block.is_commands]
COMMAND = _OF_PAGE.text.split()
POOR, GOOD = COMMAND[-1], guid(0xD2)


@pytest.fixture
def archive(environment, tmp_path):
    async def filled():
        database = Database.open(f"sqlite:///{tmp_path}/callkeeper.db")
        await save(database, a_call(id=POOR, ada=WIFI_24, to_ada=LOSS), a_call(id=GOOD))
        await database.close()

    asyncio.run(filled())


@pytest.mark.usefixtures("archive")
def test_the_text_has_times_with_offset_the_sentence_and_the_link(callkeeper):
    assert COMMAND[:2] == ["callkeeper", "diagnose"]
    lines = callkeeper("diagnose", POOR.upper()).out.splitlines()
    assert lines[0] == "Call from 2026-03-02 08:00 +00:00 to 2026-03-02 08:12 +00:00."
    assert lines[1].startswith("Ada Ashgrove's Wi-Fi: 2.4 GHz, signal 24 %, link 6.5 Mbit/s; packet loss 27 %")
    assert lines[2].endswith(f"/calls/{POOR}")
    assert "Ada Ashgrove: Wi-Fi on 2.4 GHz, confidence high" in lines


@pytest.mark.usefixtures("archive")
def test_json_is_what_the_api_answers(callkeeper):
    found = orjson.loads(callkeeper("diagnose", POOR, "--json").out)
    assert [one["cause"]["code"] for one in found["people"]] == ["wifi_2_4_ghz"]
    assert callkeeper("diagnose", GOOD).out.startswith("No person was affected; the quality of the call is good.")


@pytest.mark.usefixtures("archive")
def test_an_unknown_call_is_one_line_and_exit_status_1(callkeeper):
    ended = callkeeper("diagnose", guid(0xD3))
    assert (ended.status, ended.err) == (
        1,
        f"callkeeper: the archive has no call {guid(0xD3)}; see `callkeeper inbox`\n",
    )
