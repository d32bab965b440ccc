"""`keys create | list | revoke` as people and scripts use them."""

import json
import sqlite3
from datetime import datetime, timedelta

import pytest

from app.access import keys
from tests.sample_settings import OTHER_TENANT, TENANT
from tests.some import some


@pytest.fixture
def listed(callkeeper):
    def listed():
        ended = callkeeper("keys", "list", "--json")
        assert (ended.status, ended.err) == (0, "")
        return {row["name"]: row for row in json.loads(ended.out)}

    return listed


def test_a_new_key_stands_alone_on_standard_output(callkeeper):
    made = callkeeper("keys", "create", "reports")
    assert made.status == 0
    assert keys.looks_like_a_key(made.out.strip())
    assert "not shown again" in made.err


def test_a_key_is_for_reading_all_tenants_unless_asked_otherwise(callkeeper, environment, listed):
    environment(AZURE_TENANT_ID=f"{TENANT},{OTHER_TENANT}")
    callkeeper("keys", "create", "reports")
    callkeeper(
        "keys", "create", "ops", "--scope", "admin", "--tenant", f"{{{OTHER_TENANT.upper()}}}", "--tenant", TENANT
    )
    rows = listed()
    assert [(row["scope"], row["tenants"]) for row in rows.values()] == [
        ("admin", sorted([TENANT, OTHER_TENANT])),
        ("read", None),
    ]
    assert rows["reports"].keys() == {
        *("name", "scope", "tenants", "sites", "created_at", "expires_at", "last_used_at", "revoked_at")
    }


def test_create_tells_programs_in_json(callkeeper):
    made = json.loads(callkeeper("keys", "create", "reports", "--json").out)
    assert keys.looks_like_a_key(made.pop("key"))
    assert made == {"name": "reports", "scope": "read", "tenants": None, "sites": None, "expires_at": None}


def test_a_key_is_for_the_sites_that_are_named(callkeeper):
    created = callkeeper("keys", "create", "reports", "--json", "--sites", "AAR-2", "Mill Lane")
    assert json.loads(created.out)["sites"] == ["AAR-2", "Mill Lane"]
    assert "the building file has no site AAR-2" in created.err
    assert "AAR-2, Mill Lane" in callkeeper("keys", "list").out
    assert "unexpected AAR-2" in callkeeper("keys", "create", "others", "AAR-2").err


def test_the_key_is_nowhere_in_the_list_nor_in_the_database(callkeeper, tmp_path):
    key = callkeeper("keys", "create", "reports").out.strip()
    for options in ((), ("--json",)):
        shown = callkeeper("keys", "list", *options)
        assert key[3:20] not in shown.out + shown.err
    assert not any(key[3:20].encode() in file.read_bytes() for file in some(tmp_path.glob("callkeeper.db*")))
    with sqlite3.connect(tmp_path / "callkeeper.db") as db:
        assert db.execute("SELECT count(*) FROM api_keys").fetchone() == (1,)
    db.close()


def test_a_name_twice_is_one_line_and_a_failure(callkeeper):
    callkeeper("keys", "create", "reports")
    again = callkeeper("keys", "create", "reports")
    assert (again.status, again.out) == (1, "")
    assert "there is a key reports already" in again.err


@pytest.mark.parametrize("name", ["two words", "API_KEY", "ä", TENANT])
def test_a_name_that_will_not_do_is_one_line(callkeeper, name):
    refused = callkeeper("keys", "create", name)
    assert (refused.status, refused.out, refused.err.count("\n")) == (1, "", 1)


def test_a_tenant_that_is_not_ours_is_refused(callkeeper):
    refused = callkeeper("keys", "create", "reports", "--tenant", OTHER_TENANT)
    assert refused.status == 2
    assert "is not in AZURE_TENANT_ID" in refused.err


def test_a_revoked_key_stays_in_the_list_and_revoking_twice_does_no_harm(callkeeper, listed):
    callkeeper("keys", "create", "reports")
    assert callkeeper("keys", "revoke", "reports").out == "revoked reports\n"
    again = callkeeper("keys", "revoke", "reports")
    assert (again.status, again.out[:31]) == (0, "reports was already revoked on ")
    assert listed()["reports"]["revoked_at"]


def test_revoking_an_unknown_key_is_one_line_and_a_failure(callkeeper):
    refused = callkeeper("keys", "revoke", "nothing")
    assert refused.status == 1
    assert refused.err == "callkeeper: there is no key nothing; see `callkeeper keys list`\n"


def test_without_a_key_the_list_says_how_to_make_one(callkeeper):
    assert "callkeeper keys create" in callkeeper("keys", "list").out


def test_a_key_may_expire(callkeeper, listed):
    made = callkeeper("keys", "create", "reports", "--expires", "90d")
    row = listed()["reports"]
    lived = datetime.fromisoformat(row["expires_at"]) - datetime.fromisoformat(row["created_at"])
    assert (lived, f"valid until {row['expires_at'][:10]}" in made.err) == (timedelta(days=90), True)
    assert row["expires_at"][:10] in callkeeper("keys", "list").out
    wrong = callkeeper("keys", "create", "others", "--expires", "tomorrow")
    assert (wrong.status, wrong.err.count("\n"), "--expires" in wrong.err) == (2, 1, True)
