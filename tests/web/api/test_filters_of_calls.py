"""Every filter of /api/calls, alone and with others, on calls of which each differs from the next."""

from datetime import UTC, datetime, timedelta
from itertools import combinations

import pytest

from tests.archive.records import (
    a_call_record,
    a_media,
    a_participant,
    a_segment,
    a_session,
    a_stream,
    an_endpoint,
    an_identity,
    guid,
    kept,
    save,
)
from tests.some import some
from tests.web.application import OTHER, TENANT

pytestmark = pytest.mark.anyio

FIRST = datetime(2026, 2, 1, 9, tzinfo=UTC)
ADA = guid(0xADA)


def somebody(name, person_id=None, upn=None):
    return a_participant(
        identity={"user": an_identity(id=person_id or guid(), displayName=name, userPrincipalName=upn)}
    )


def a_phone(number):
    return a_participant(id=number, identity={"phone": an_identity(id=number, displayName=None)})


ADA_HERSELF = somebody("Ada Ångström", ADA, "Ada@contoso.example")


def poor():
    return a_session(segments=[a_segment(media=[a_media(streams=[a_stream(averageJitter="PT0.2S")])])])


def failed():
    return a_session(failureInfo={"stage": "callSetup", "reason": "busy"})


def rated(rating):
    return a_session(caller=an_endpoint(feedback={"rating": rating}))


def with_tools():
    """Of a telephone with the wifi of a hotel, and a device whose name has a quote in it."""
    network = {
        "connectionType": "wifi",
        "wifiBand": "frequency24GHz",
        "subnet": "192.0.2.0",
        "relayIPAddress": "192.0.2.9",
    }
    agent = {"platform": "iOS", "productFamily": "skypeForBusiness", "applicationVersion": "7.14.0"}
    media = a_media(
        callerNetwork=network | {"networkTransportProtocol": "tcp"},
        callerDevice={"captureDeviceName": 'Ada"s Ear, 2'},
        streams=[a_stream(audioCodec="opus", videoCodec="av1")],
    )
    end = an_endpoint(userAgent=agent)
    return a_session(caller=end, segments=[a_segment(caller=end, media=[media])])


def archive():
    """(name, tenant, what is special about it), in order of their starts, an hour apart, each a minute longer."""
    return [
        ("plain", TENANT, {}),
        ("meeting", TENANT, {"type": "groupCall", "modalities": ["audio", "video"]}),
        ("poor", TENANT, {"sessions": [poor()]}),
        ("failed", TENANT, {"sessions": [failed()]}),
        ("rated", TENANT, {"sessions": [rated("bad"), rated("good")]}),
        ("adas", TENANT, {"organizer_v2": ADA_HERSELF, "participants_v2": [ADA_HERSELF, somebody("Bob 100%")]}),
        ("with ada", TENANT, {"participants_v2": [ADA_HERSELF, somebody("王小明"), somebody("Straße_7")]}),
        ("by phone", TENANT, {"participants_v2": [a_phone("+4930123456")], "sessions": [with_tools()]}),
        ("other", OTHER, {"participants_v2": [ADA_HERSELF]}),
    ]


async def filled(database):
    """The names of the calls by their ids."""
    names = {}
    for number, (name, tenant, special) in enumerate(archive()):
        start = FIRST + timedelta(hours=number)
        end = start + timedelta(minutes=number + 1)
        call_id = guid()
        names[call_id] = name
        times = {"startDateTime": start.isoformat(), "endDateTime": end.isoformat()}
        usual = {"organizer_v2": somebody("Olga Host"), "participants_v2": [somebody("Zoe Guest")]}
        await save(database, kept(a_call_record(id=call_id, **times | usual | special), tenant=tenant))
    return names


async def found(api, names, **asked):
    answer = await api.get("/api/calls", params={"order": "start", **asked})
    assert answer.status_code == 200, answer.text
    return [names[item["id"]] for item in answer.json()["items"]]


TOOLS = {
    "platform": "iOS",
    "product_family": "skypeForBusiness",
    "client_version": "7.14.0",
    "device": 'Ada"s Ear, 2',
    "connection_type": "wifi",
    "wifi_band": "frequency24GHz",
    "subnet": "192.0.2.0",
    "transport": "tcp",
    "relay": "allocated",
    "codec": "opus",
}

ANSWERS = [
    ({"type": "groupCall"}, ["meeting"]),
    ({"modality": "video"}, ["meeting"]),
    ({"modality": "data"}, []),
    ({"quality": "poor"}, ["poor"]),
    ({"failed": "true"}, ["failed"]),
    ({"rating": "bad"}, ["rated"]),
    ({"rating": "good"}, []),
    ({"tenant": OTHER}, ["other"]),
    ({"from": "2026-02-01T16:00:00Z"}, ["by phone", "other"]),
    ({"from": "2026-02-01T12:00:00+01:00", "to": "2026-02-01T12:00:00Z"}, ["poor"]),
    ({"min_duration": "480"}, ["by phone", "other"]),
    ({"min_duration": "9m"}, ["other"]),
    ({"min_duration": "PT8M30S"}, ["other"]),
    ({"participant": ADA}, ["adas", "with ada", "other"]),
    ({"participant": ADA.upper()}, ["adas", "with ada", "other"]),
    ({"participant": "ADA@CONTOSO.EXAMPLE"}, ["adas", "with ada", "other"]),
    ({"participant": "contoso.example"}, []),
    ({"participant": "ångSTRÖM"}, ["adas", "with ada", "other"]),
    ({"participant": "a\u030angstrom"}, []),
    ({"participant": "a\u030angstro\u0308m"}, ["adas", "with ada", "other"]),
    ({"participant": "小"}, ["with ada"]),
    ({"participant": "STRASSE"}, ["with ada"]),
    ({"participant": "%"}, ["adas"]),
    ({"participant": "_"}, ["with ada"]),
    ({"participant": "b_b"}, []),
    ({"participant": "\\"}, []),
    ({"participant": "+49 30 123-456"}, ["by phone"]),
    ({"participant": "4930123456"}, ["by phone"]),
    ({"organizer": "ada"}, ["adas"]),
    ({"organizer": ADA, "participant": "bob"}, ["adas"]),
    ({"organizer": ADA, "participant": "王"}, []),
    ({"participant": "ada", "tenant": OTHER}, ["other"]),
    ({"participant": "ada", "min_duration": "7m", "to": "2026-02-01T16:00:00Z"}, ["with ada"]),
    ({"participant": "nobody at all"}, []),
    *(({name: value}, ["by phone"]) for name, value in TOOLS.items()),
    ({"device": "Ear"}, []),
    ({"device": "s Ear, 2"}, []),
    ({"device": 'ADA"S EAR, 2'}, []),
    ({"codec": "av1"}, ["by phone"]),
    ({"platform": "IOS"}, []),
    ({"connection_type": "wifi", "quality": "poor"}, []),
    ({"platform": "", "participant": "ada"}, []),
    ({"subnet": "", "participant": ADA}, ["adas", "with ada", "other"]),
    ({"participant": "+4930123456", "codec": "opus"}, ["by phone"]),
]


async def test_each_filter_finds_what_it_names(database, api):
    names = await filled(database)
    for asked, expected in ANSWERS:
        assert await found(api, names, **asked) == expected, asked


async def test_any_two_filters_find_what_both_find(database, api):
    names = await filled(database)
    single = {}
    for asked, expected in ANSWERS:
        if len(asked) == 1:
            single.setdefault(next(iter(asked)), (asked, expected))
    for (one, ones), (two, twos) in some(combinations(single.values(), 2)):
        assert await found(api, names, **one, **two) == [name for name in ones if name in twos], (one, two)


PAGED = [{"participant": "o"}, {"participant": ADA}, {"organizer": "o"}, {"modality": "audio"}]


async def test_pages_of_a_filter_together_are_its_whole_answer(database, api, subtests):
    names = await filled(database)
    for asked in PAGED:
        for order in ["start", "-start"]:
            with subtests.test(asked=asked, order=order):
                whole = await found(api, names, **asked, order=order)
                pieces, link = [], f"/api/calls?{next(iter(asked))}={next(iter(asked.values()))}&order={order}&limit=1"
                while link:
                    answer = await api.get(link)
                    pieces += [names[item["id"]] for item in answer.json()["items"]]
                    assert (answer.json()["next_cursor"] is None) == ("next" not in answer.links)
                    link = answer.links.get("next", {}).get("url")
                assert pieces == whole
                assert whole


async def test_pages_of_a_person_neither_skip_nor_repeat_while_calls_arrive(database, api):
    async def arrives(hour):
        start = (FIRST + timedelta(hours=hour)).isoformat()
        await save(
            database, kept(a_call_record(id=guid(), startDateTime=start, participants_v2=[ADA_HERSELF]), tenant=TENANT)
        )

    for hour in range(10):
        await arrives(hour)
    before = {item["id"] for item in (await api.get("/api/calls")).json()["items"]}
    for who in (ADA, "ngstr"):
        seen, cursor = [], {}
        while True:
            page = (await api.get("/api/calls", params={"participant": who, "limit": 3, **cursor})).json()
            seen += [item["id"] for item in page["items"]]
            await arrives(len(seen))
            if page["next_cursor"] is None:
                break
            cursor = {"cursor": page["next_cursor"]}
        assert len(seen) == len(set(seen))
        assert before <= set(seen)


WRONG = [
    ({"type": "call"}, "type", "peerToPeer"),
    ({"modality": "smell"}, "modality", "screenSharing"),
    ({"quality": "bad"}, "quality", "unknown"),
    ({"rating": "5"}, "rating", "excellent"),
    ({"failed": "perhaps"}, "failed", "bool"),
    ({"order": "end"}, "order", "-start"),
    ({"limit": "201"}, "limit", "200"),
    ({"limit": "0"}, "limit", "1"),
    ({"tenant": "contoso"}, "tenant", "UUID"),
    ({"from": "yesterday"}, "from", "2026-01-31T09:00:00Z"),
    ({"to": "0001-01-01T00:00:00+14:00"}, "to", "2026-01-31T09:00:00Z"),
    ({"min_duration": "long"}, "min_duration", "PT5M"),
    ({"min_duration": "-PT5M"}, "min_duration", "PT5M"),
    ({"participant": ""}, "participant", "1 character"),
    ({"device": "x" * 301}, "device", "300 characters"),
    ({"cursor": "abc"}, "cursor", "next_cursor"),
]


async def test_a_wrong_parameter_is_named_with_what_is_accepted(api, subtests):
    for asked, parameter, said in WRONG:
        with subtests.test(asked=asked, parameter=parameter, said=said):
            answer = await api.get("/api/calls", params=asked)
            assert answer.status_code == 422
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.json()["detail"].startswith(f"{parameter}: ")
            assert said in answer.json()["detail"]


async def test_an_unknown_parameter_is_refused(api):
    answer = await api.get("/api/calls", params={"participants": "Ada"})
    assert answer.status_code == 400
    assert "participants" in answer.json()["detail"]
    assert "organizer" in answer.json()["detail"]


async def test_a_cursor_with_other_filters_is_refused(database, api):
    await filled(database)
    cursor = (await api.get("/api/calls", params={"limit": 1})).json()["next_cursor"]
    assert (await api.get("/api/calls", params={"limit": 5, "cursor": cursor})).status_code == 200
    for other in ({"quality": "good"}, {"order": "start"}, {"tenant": TENANT}, {"participant": "ada"}, {"device": ""}):
        answer = await api.get("/api/calls", params={"cursor": cursor, **other})
        assert answer.status_code == 422
        assert answer.json()["detail"].startswith("cursor: ")


async def test_many_people_of_a_name_and_many_calls_of_theirs_are_all_found(database, api, monkeypatch):
    from app.archive.queries import people_filter  # noqa: PLC0415

    names = await filled(database)
    expected = await found(api, names, participant="o")
    monkeypatch.setattr(people_filter, "FEW", 0)
    assert await found(api, names, participant="o") == expected
    assert await found(api, names, organizer="ada", participant="b", limit=1) == ["adas"]
    monkeypatch.setattr(people_filter, "SOME", 0)
    assert await found(api, names, participant="o") == expected
    assert await found(api, names, organizer="ada", participant="b") == ["adas"]
