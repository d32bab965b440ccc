"""`callkeeper voice-apps`: a file is checked, imported and listed."""

import asyncio

import orjson

from app.archive.schema.outcome_tables import voice_apps
from app.db import Database
from tests.archive.outcomes.test_voice_app_file import FULL
from tests.archive.records import guid, rows_of


async def _stored(path):
    database = Database.open(f"sqlite:///{path}/callkeeper.db")
    try:
        return await rows_of(database, voice_apps)
    finally:
        await database.close()


def test_accounts_are_checked_imported_and_listed(callkeeper, tmp_path):
    assert "No auto attendant" in callkeeper("voice-apps", "list").out
    assert asyncio.run(_stored(tmp_path)) == []
    file = tmp_path / "accounts.csv"
    file.write_text(FULL)
    checked = callkeeper("voice-apps", "import", str(file), "--dry-run")
    assert (checked.err, checked.status) == ("", 0)
    assert (
        "2 accounts are valid (2 new or of another kind, 0 not in the file any more); nothing was changed"
        in checked.out
    )
    assert asyncio.run(_stored(tmp_path)) == []
    done = callkeeper("voice-apps", "import", str(file), "--json")
    assert orjson.loads(done.out) == {"accounts": 2, "changed": 2, "removed": 0, "dry_run": False}
    listed = orjson.loads(callkeeper("voice-apps", "list", "--json").out)
    assert [(one["object_id"], one["name"], one["kind"], one["source"], one["visits"]) for one in listed] == [
        (guid(1), "Reception", "auto_attendant", "file", 0),
        (guid(2), "Support", "call_queue", "file", 0),
    ]
    file.write_text(FULL.replace("CallQueue", "Person"))
    refused = callkeeper("voice-apps", "import", str(file))
    assert (refused.status != 0, refused.out, refused.err.count("\n")) == (True, "", 1)
    assert "line 3: Kind must be AutoAttendant or CallQueue" in refused.err
