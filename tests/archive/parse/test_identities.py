import pytest

from app.archive.parse import identity

ADA = {"id": "1", "displayName": "Ada", "tenantId": "t", "userPrincipalName": "ada@contoso.com"}
COLUMNS = ("1", "Ada", "ada@contoso.com", "t")


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
def test_a_set_without_an_identity_is_nobody(nothing):
    assert identity.of_set(nothing) == identity.NOBODY


def test_the_associated_identity_comes_first_and_the_deprecated_set_gives_its_kind():
    endpoint = {"associatedIdentity": ADA, "identity": {"guest": {"id": "old"}}}
    assert identity.of_endpoint(endpoint) == ("guest", *COLUMNS)


def test_the_deprecated_set_stands_in_where_no_identity_is_associated():
    assert identity.of_endpoint({"identity": {"phone": {"id": "+5564981205182"}}})[:2] == ("phone", "+5564981205182")


@pytest.mark.parametrize(
    ("associated", "kind"),
    [
        ({"id": "+5564981205182"}, "phone"),
        ({"id": "1", "userPrincipalName": "ada@contoso.com"}, "user"),
        ({"id": "1", "@odata.type": "#microsoft.graph.callRecords.userIdentity"}, "user"),
        ({"id": "1"}, None),
    ],
)
def test_the_kind_of_an_associated_identity_is_inferred(associated, kind):
    assert identity.of_endpoint({"associatedIdentity": associated})[0] == kind
