"""What the rows have of the identities of a record, in each shape that Graph is known to send."""

import pytest

from app.archive.parse.identities import identity
from app.archive.schema.tables import participants, sessions
from tests.archive.records import a_call_record, a_participant, a_service_endpoint, a_session, kept

ADA = {"id": "1", "displayName": "Ada", "tenantId": "t", "userPrincipalName": "ada@contoso.com"}
COLUMNS = ("1", "Ada", "ada@contoso.com", "t")
NUMBER = "+41225550146"
GUID = "0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d"
GUEST = "c6f4f18f1e99401a9193fbf954f6e903"


@pytest.mark.parametrize(
    "kind",
    ["user", "phone", "guest", "application", "applicationInstance", "encrypted", "onPremises", "acsUser", "spoolUser"],
)
def test_the_one_identity_that_is_present_gives_the_kind(kind):
    others = dict.fromkeys(["user", "phone", "guest", "device"])
    assert identity.of_set(others | {"@odata.type": "#x", "endpointType": None, kind: ADA}) == (kind, *COLUMNS)


def test_the_user_comes_before_the_device():
    assert identity.of_set({"device": {"id": "d"}, "user": ADA})[:2] == ("user", "1")


@pytest.mark.parametrize("nothing", [None, {}, [], "user", {"user": None}, {"user": "Ada"}])
def test_a_set_without_an_identity_is_no_identity(nothing):
    assert identity.of_set(nothing) == identity.NO_IDENTITY
    assert identity.all_of_set(nothing) == []


PHONE = {"id": NUMBER, "displayName": "None", "tenantId": "None"}
OF_SETS = [
    ({"user": {}, "phone": PHONE}, [("phone", NUMBER, None, None, None)]),
    ({"user": {"id": None, "displayName": "None"}, "phone": PHONE}, [("phone", NUMBER, None, None, None)]),
    ({"user": {"id": "", "displayName": " "}, "phone": PHONE}, [("phone", NUMBER, None, None, None)]),
    ({"phone": PHONE, "user": ADA}, [("user", *COLUMNS), ("phone", NUMBER, None, None, None)]),
    (
        {"spoolUser": {"id": "s"}, "device": {"id": "d"}},
        [("device", "d", *[None] * 3), ("spoolUser", "s", *[None] * 3)],
    ),
    ({"guest": {"id": GUEST, "displayName": ""}}, [("guest", GUEST, None, None, None)]),
    ({"user": {"userPrincipalName": "a@b"}}, [("user", None, None, "a@b", None)]),
]


@pytest.mark.parametrize(("identities", "found"), OF_SETS)
def test_every_identity_of_a_set_that_says_something_is_found_and_the_first_one_is_in_the_row(identities, found):
    assert identity.all_of_set(identities) == found
    assert identity.of_set(identities) == found[0]


@pytest.mark.parametrize(
    ("identities", "known"),
    [
        ({"user": {}}, ("user", *[None] * 4)),
        ({"user": {"tenantId": "t"}}, ("user", None, None, None, "t")),
        ({"guest": {"displayName": "None"}}, ("guest", *[None] * 4)),
    ],
)
def test_a_set_of_which_only_the_kind_is_known_gives_the_kind(identities, known):
    assert identity.of_set(identities) == known
    assert identity.of_endpoint({"identity": identities}) == known
    assert identity.all_of_set(identities) == []


OF_ENDPOINTS = {
    "the associated identity comes first, and the set gives its kind": (
        {"associatedIdentity": ADA, "identity": {"guest": {"id": "old"}}},
        [("guest", *COLUMNS), ("guest", "old", *[None] * 3)],
    ),
    "the set alone": ({"identity": {"phone": {"id": NUMBER}}}, [("phone", NUMBER, *[None] * 3)]),
    "the set where the associated identity says nothing": (
        {"associatedIdentity": {"id": None, "displayName": "None"}, "identity": {"user": ADA}},
        [("user", *COLUMNS)],
    ),
    "both of one person, each with a part": (
        {"associatedIdentity": {"id": GUID}, "identity": {"user": {"id": f"8:orgid:{GUID}", "displayName": "Ada"}}},
        [("user", GUID, "Ada", None, None)],
    ),
    "an associated identity with only an address": (
        {"associatedIdentity": {"id": None, "userPrincipalName": "ada@contoso.com"}},
        [("user", None, None, "ada@contoso.com", None)],
    ),
    "an associated identity with only an address beside a set with only an id": (
        {"associatedIdentity": {"userPrincipalName": "ada@contoso.com"}, "identity": {"user": {"id": "1"}}},
        [("user", "1", None, "ada@contoso.com", None)],
    ),
    "a telephone beside the user who calls with it": (
        {"identity": {"user": ADA, "phone": PHONE}},
        [("user", *COLUMNS), ("phone", NUMBER, None, None, None)],
    ),
    "nobody": ({"associatedIdentity": None, "identity": None}, []),
}


@pytest.mark.parametrize("case", OF_ENDPOINTS)
def test_the_identities_of_an_end(case):
    endpoint, found = OF_ENDPOINTS[case]
    assert identity.all_of_endpoint(endpoint) == found
    assert identity.of_endpoint(endpoint) == (found[0] if found else identity.NO_IDENTITY)


GRAPH = "#microsoft.graph."


@pytest.mark.parametrize(
    ("associated", "kind"),
    [
        ({"id": "+5564981205182"}, "phone"),
        ({"id": "5564981205182"}, "phone"),
        ({"id": "4:+5564981205182"}, "phone"),
        ({"id": "+49155555****"}, "phone"),
        ({"id": GUEST}, "guest"),
        ({"id": GUEST, "userPrincipalName": "ada@contoso.com"}, "user"),
        ({"id": f"8:orgid:{GUID}"}, "user"),
        ({"id": "1", "userPrincipalName": "ada@contoso.com"}, "user"),
        ({"id": "1", "@odata.type": f"{GRAPH}callRecords.userIdentity"}, "user"),
        ({"id": "1", "@odata.type": f"{GRAPH}communicationsGuestIdentity"}, "guest"),
        ({"id": "1", "@odata.type": f"{GRAPH}communicationsPhoneIdentity"}, "phone"),
        ({"id": "1", "@odata.type": f"{GRAPH}identity"}, None),
        ({"id": "1"}, None),
    ],
)
def test_the_kind_of_an_associated_identity_is_inferred(associated, kind):
    assert identity.of_endpoint({"associatedIdentity": associated})[0] == kind


def first(record, table, *names):
    row = record.children[table.name][0]
    columns = table.columns.keys()[1:]
    return tuple(row[columns.index(name)] for name in names)


def test_the_rows_have_the_telephone_of_a_set_whose_user_is_empty():
    party = a_participant(id=NUMBER, identity={"user": {}, "phone": PHONE})
    end = a_service_endpoint(associatedIdentity=None, identity={"user": {}, "phone": PHONE})
    record = kept(a_call_record(organizer_v2=party, participants_v2=[party], sessions=[a_session(caller=end)]))
    assert first(record, participants, "identity_kind", "identity_id", "identity_display_name") == (
        "phone", NUMBER, None,
    )  # fmt: skip
    assert first(record, sessions, "caller_identity_kind", "caller_identity_id") == ("phone", NUMBER)
    assert (record.row["organizer_identity_kind"], record.row["organizer_identity_display_name"]) == ("phone", None)
    assert record.row["pstn"] is True
