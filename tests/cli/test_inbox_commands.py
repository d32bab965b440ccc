import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest

from app.db.schema_version import newest
from tests.sample_settings import SECRETS, TENANT

CALL = "00000000-1111-2222-3333-444444444444"
OTHER = "99999999-aaaa-bbbb-cccc-dddddddddddd"


def process(*arguments, **more):
    """The command as a process of its own, with a pipe on each side."""
    command = [sys.executable, "-m", "app", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, **more)


def listed(callkeeper, *options):
    ended = callkeeper("inbox", "--json", *options)
    assert (ended.status, ended.err) == (0, "")
    return json.loads(ended.out)


def test_ids_queued_by_hand_are_in_the_inbox_until_a_worker_has_them(environment):
    fetched = process("fetch", CALL, OTHER)
    assert (fetched.returncode, fetched.stderr) == (0, "")
    shown = process("inbox", "--json")
    assert {row["id"] for row in json.loads(shown.stdout)} == {CALL, OTHER}
    retried = process("inbox", "retry", CALL)
    assert (retried.returncode, retried.stdout, retried.stderr) == (0, "1 row due now\n", "")


def test_migrating_twice_and_at_once_does_no_harm(environment, tmp_path):
    environment(DATABASE_URL=f"sqlite:///{tmp_path}/empty.db")
    with ThreadPoolExecutor(2) as both:
        ended = list(both.map(process, ["migrate", "migrate"]))
    assert [(one.returncode, one.stderr) for one in ended] == [(0, "")] * 2
    assert {one.stdout for one in ended} == {f"the database is at revision {newest()}\n"}


def test_output_that_is_not_read_to_its_end_is_no_traceback(environment):
    process("fetch", CALL)
    command = f"'{sys.executable}' -m app inbox --json | true"
    ended = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=60, check=False)
    assert "Traceback" not in ended.stderr


def test_an_empty_inbox_says_so(callkeeper):
    assert callkeeper("inbox").out == "The inbox is empty: every notified call is in the archive.\n"
    assert listed(callkeeper) == []


def test_fetching_twice_is_one_row(callkeeper):
    for _ in range(2):
        assert callkeeper("fetch", CALL.upper(), f"{{{CALL}}}").out.startswith("Queued 1 record;")
    assert [row["id"] for row in listed(callkeeper)] == [CALL]


def test_a_row_has_the_fields_that_the_api_has_too(callkeeper):
    callkeeper("fetch", CALL)
    [row] = listed(callkeeper)
    assert (row["id"], row["tenant_id"], row["state"], row["attempts"], row["last_error"]) == (
        *(CALL, TENANT, "due"),
        *(0, None),
    )
    assert datetime.fromisoformat(row["deadline"]) > datetime.fromisoformat(row["due_at"])


def test_rows_of_a_state_can_be_asked_for(callkeeper):
    callkeeper("fetch", CALL)
    assert len(listed(callkeeper, "--state", "due")) == 1
    assert listed(callkeeper, "--state", "failed") == []


def test_people_get_a_table_with_a_row_a_line(callkeeper):
    callkeeper("fetch", CALL, OTHER)
    lines = callkeeper("inbox").out.splitlines()
    assert [CALL in line and TENANT in line for line in lines].count(True) == 1
    assert any("last_error" in line for line in lines)


def test_retrying_what_is_not_there_fails_and_says_where_to_look(callkeeper):
    ended = callkeeper("inbox", "retry", CALL)
    assert (ended.status, ended.out) == (1, "")
    assert ended.err == "callkeeper: the inbox has no such row; see `callkeeper inbox`\n"


def test_retrying_all_failed_rows_where_there_are_none_is_fine(callkeeper):
    ended = callkeeper("inbox", "retry", "--all-failed")
    assert (ended.status, ended.out) == (0, "0 rows due now\n")


def test_what_is_given_up_is_expired_and_asked_for_no_more(callkeeper):
    callkeeper("fetch", CALL, OTHER)
    ended = callkeeper("inbox", "give-up", f"{{{CALL.upper()}}}")
    assert (ended.status, ended.out) == (0, "1 row given up; see `callkeeper inbox --state expired`\n")
    [row] = listed(callkeeper, "--state", "expired")
    assert (row["id"], row["last_error"], row["never_available"]) == (CALL, "given up by hand", False)


def test_giving_up_what_is_not_there_fails_and_says_where_to_look(callkeeper):
    ended = callkeeper("inbox", "give-up", CALL)
    assert (ended.status, ended.out) == (1, "")
    assert "no such row that is due or failed" in ended.err


@pytest.mark.parametrize("level", ["info", "debug"])
def test_secrets_are_in_no_output_however_much_is_logged(environment, level):
    environment(LOG_LEVEL=level, AZURE_AUTHORITY_HOST="https://127.0.0.1:1", GRAPH_BASE_URL="https://127.0.0.1:1")
    ended = process("subscriptions", "list", env=os.environ | {"PYTHONASYNCIODEBUG": ""})
    assert ended.returncode == 1
    assert not [secret for secret in SECRETS.values() if secret in ended.stdout + ended.stderr]
    assert "Traceback" not in ended.stderr
