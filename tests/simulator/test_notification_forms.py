"""The forms of a notification's resource: each can be had alone, and mixed they all come."""

from random import Random

import pytest

from app.simulator.notifications.forms import CHOICES, choose, resource_members
from app.simulator.records import a_call_record

pytestmark = pytest.mark.anyio
CALL = "0c3b1c2e-5d1f-4f3a-9a6b-7c8d9e0fa1b2"


def members(forms, seed=1):
    rng = Random(seed)
    return resource_members(choose(forms, rng), CALL, rng)


@pytest.mark.parametrize(
    ("forms", "resource"),
    [
        ("path+bare+graph", f"communications/callRecords/{CALL}"),
        ("path+slash+lower", f"/communications/callrecords/{CALL}"),
        ("key+plain+bare+graph", f"communications/callRecords('{CALL}')"),
        ("key+encoded+bare+graph", f"communications/callRecords(%27{CALL}%27)"),
        ("path+bare+upper", f"COMMUNICATIONS/CALLRECORDS/{CALL}"),
        ("path+bare+graph+upper_guid", f"communications/callRecords/{CALL.upper()}"),
        ("path+bare+graph+braces", f"communications/callRecords/{{{CALL}}}"),
    ],
)
def test_a_form_of_the_resource_can_be_had_alone(forms, resource):
    assert members(forms)["resource"] == resource


def test_the_data_may_be_missing_null_or_hold_no_id():
    assert "resourceData" not in members("missing")
    assert members("null")["resourceData"] is None
    assert set(members("only_odata_id")["resourceData"]) == {"@odata.type", "@odata.id"}
    assert set(members("only_odataid")["resourceData"]) == {"oDataType", "oDataId"}
    assert members("full")["resourceData"]["id"] == CALL


def test_a_collection_as_resource_always_has_the_id_beside_it():
    for data in CHOICES["data"]:
        made = members(f"collection+{data}+lower_guid")
        assert CALL not in made["resource"]
        assert made["resourceData"]["id"] == CALL


def test_mixed_forms_are_many_and_the_same_for_the_same_seed():
    made = [members("mixed", seed) for seed in range(200)]
    assert made == [members("mixed", seed) for seed in range(200)]
    assert all(CALL in str(each).lower() for each in made)
    assert any("%27" in each["resource"] for each in made)
    assert any("resourceData" not in each for each in made)
    assert len({each["resource"] for each in made}) > 15


def test_documented_forms_have_a_path_and_an_id():
    for seed in range(50):
        made = members("documented", seed)
        assert made["resource"].endswith(f"/{CALL}")
        assert made["resourceData"]["id"] == CALL


async def test_the_setting_decides_what_is_sent_and_unknown_words_are_refused(client, subscribe, receiver, world):
    await client.control("POST", "/settings", {"notification_forms": "key+encoded+missing"})
    await subscribe()
    call_id = world.put(a_call_record()).id
    [item] = await receiver.holds(1)
    assert item["resource"].endswith(f"(%27{call_id}%27)")
    assert "resourceData" not in item
    for wrong in ("telegram", 7):
        assert (await client.ask("POST", "/_control/settings", body={"notification_forms": wrong}))[0] == 400
