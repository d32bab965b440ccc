"""Of a call, the people with a poor stream are counted once each, and services are none of them."""

from tests.archive.records import (
    a_call_record,
    a_media,
    a_segment,
    a_service_endpoint,
    a_session,
    a_stream,
    an_endpoint,
    an_identity,
    guid,
    kept,
)

ADA, BEA, CY = (an_endpoint(associatedIdentity=an_identity(id=guid(number))) for number in (0xADA, 0xBEA, 0xC1))
ADA_OTHERWISE = an_endpoint(associatedIdentity=an_identity(id=f"8:orgid:{guid(0xADA).upper()}"))
NOBODY = an_endpoint(associatedIdentity=None)
BY_ADDRESS = an_endpoint(associatedIdentity=an_identity(id=None, userPrincipalName="dee@contoso.example"))
SERVICE = a_service_endpoint()
POOR, GOOD = {"averagePacketLossRate": 0.5}, {}

CASES = [
    ("no session", [], 0),
    ("all good", [(ADA, SERVICE, GOOD)], 0),
    ("one of a meeting", [(ADA, SERVICE, POOR), (BEA, SERVICE, GOOD), (CY, SERVICE, GOOD)], 1),
    ("two sessions of one person", [(ADA, SERVICE, POOR), (ADA_OTHERWISE, SERVICE, POOR)], 1),
    ("two people", [(ADA, SERVICE, POOR), (SERVICE, BEA, POOR)], 2),
    ("both of a call between two", [(ADA, BEA, POOR)], 2),
    ("by address", [(BY_ADDRESS, SERVICE, POOR), (BY_ADDRESS, SERVICE, POOR)], 1),
    ("without an identity", [(NOBODY, SERVICE, POOR)], 0),
]


def a_call(sessions):
    legs = [
        a_session(
            id=guid(), caller=caller, callee=callee, segments=[a_segment(caller=caller, callee=callee, media=[media])]
        )
        for caller, callee, values in sessions
        for media in [a_media(streams=[a_stream(**values)])]
    ]
    return kept(a_call_record(sessions=legs))


def test_people_with_poor_streams_are_counted(subtests):
    for name, sessions, affected in CASES:
        with subtests.test(name):
            assert a_call(sessions).row["people_affected"] == affected
