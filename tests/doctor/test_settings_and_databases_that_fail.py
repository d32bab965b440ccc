"""Wrong settings, and databases that are not there, not let in, not writable or not migrated."""

import os
import shutil
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import make_url, text

from app.access import keys
from app.db import Database
from app.doctor.database import replica
from app.doctor.finding import CHECKS
from app.doctor.limits import Limits
from tests.doctor.servers import listening
from tests.flow.service import free_port

pytestmark = pytest.mark.anyio


async def test_every_wrong_setting_is_said_and_the_rest_is_skipped(patient):
    findings = await patient.examined(PUBLIC_URL="http://example.com", AZURE_CLIENT_ID="x", AZURE_TENANT_ID=None)
    settings, *rest = findings
    assert settings.state == "failed"
    for name in ("PUBLIC_URL", "AZURE_CLIENT_ID", "AZURE_TENANT_ID"):
        assert name in settings.found
    assert [(one.state, one.found) for one in rest] == [("skipped", "needs settings")] * (len(CHECKS) - 1)


async def test_an_ssl_cert_file_without_certificates_is_found(patient, tmp_path):
    (tmp_path / "no.pem").write_text("nothing")
    assert "SSL_CERT_FILE" in await patient.says("settings", SSL_CERT_FILE=tmp_path / "no.pem")


async def test_a_cloud_without_call_records_is_found(patient):
    assert "no call records" in await patient.says("settings", GRAPH_CLOUD="china", GRAPH_BASE_URL=None)


async def test_a_proxy_of_another_kind_is_found(patient, monkeypatch):
    monkeypatch.setenv("ALL_PROXY", "socks5://127.0.0.1:1")
    assert "socks5 proxy" in await patient.says("settings")


async def test_a_missing_file_is_reported_and_not_created(patient, tmp_path):
    findings = await patient.examined(DATABASE_URL=f"sqlite:///{tmp_path}/no/such.db")
    assert findings.of("database").state == "failed"
    assert "callkeeper migrate" in findings.of("database").remedy
    assert not (tmp_path / "no").exists()
    skipped = ("migration", "subscription", "notifications", "worker", "reconciliation", "call_logs")
    assert {findings.states()[name] for name in skipped} == {"skipped"}
    assert findings.of("graph").state == findings.of("public_url").state == "ok"


async def test_a_file_that_is_no_database_is_reported(patient, tmp_path):
    (tmp_path / "odd.db").write_text("This is a text, and it is long enough to be looked at as a database file." * 20)
    said = await patient.says("database", DATABASE_URL=f"sqlite:///{tmp_path}/odd.db")
    assert "not a SQLite database" in said


async def test_a_database_that_others_may_read_is_found(patient, sqlite_template, tmp_path):
    file = tmp_path / "open.db"
    shutil.copy(sqlite_template, file)
    file.chmod(0o640)
    said = await patient.says("database", state="warning", DATABASE_URL=f"sqlite:///{file}")
    assert "access to open.db" in said
    assert f"chmod go= {file}*" in said
    assert file.stat().st_mode & 0o777 == 0o640  # the doctor changes nothing


async def test_an_empty_file_wants_a_migration_and_stays_empty(patient, tmp_path):
    file = tmp_path / "empty.db"
    file.touch()
    assert "callkeeper migrate" in await patient.says("migration", DATABASE_URL=f"sqlite:///{file}")
    assert file.stat().st_size == 0


async def _at_revision(database_url, revision):
    database = Database.open(database_url)
    async with database.begin() as db:
        before = await db.scalar(text("SELECT version_num FROM alembic_version"))
        await db.execute(text("UPDATE alembic_version SET version_num = :at"), {"at": revision})
    await database.close()
    return before


async def test_an_outdated_schema_is_reported_and_left(patient, database_url):
    before = await _at_revision(database_url, "0001")
    try:
        findings = await patient.examined()
    finally:
        assert await _at_revision(database_url, before) == "0001"
    assert "0001" in findings.of("migration").found
    assert findings.of("migration").remedy == "run `callkeeper migrate`"
    assert findings.of("subscription").found == "needs migration"


async def test_a_database_newer_than_the_program_is_fine_and_reported(patient, database_url):
    before = await _at_revision(database_url, "9999")
    try:
        findings = await patient.examined()
    finally:
        await _at_revision(database_url, before)
    assert findings.not_ok() == []
    assert "9999" in findings.of("migration").found


async def test_without_any_key_the_read_api_is_closed(patient):
    said = await patient.says("api_key", state="warning", API_KEY=None)
    assert "401" in said
    assert "callkeeper keys create" in said


async def test_a_key_that_expires_within_two_weeks_is_a_warning(patient, database_url):
    database = Database.open(database_url)
    now = datetime.now(UTC)
    async with database.begin() as db:
        for name, days in (("soon", 13), ("later", 15), ("over", -1)):
            await keys.create(db, name, "read", None, now, expires_at=now + timedelta(days=days))
    await database.close()
    said = await patient.says("api_key", state="warning", DATABASE_URL=database_url)
    assert "soon expires on " in said
    assert not any(name in said for name in ("later", "over expires"))


async def test_a_postgresql_that_does_not_listen_is_reported(patient):
    url = f"postgresql://ada:s3cret-of-ada@127.0.0.1:{free_port()}/calls"
    said = await patient.says("database", DATABASE_URL=url)
    assert "no server listens" in said
    assert "s3cret" not in said


async def test_a_replica_that_does_not_answer_is_a_warning_and_one_that_does_is_checked_as_the_primary(
    postgresql_url,
):
    away = make_url(f"postgresql://ada:s3cret-of-ada@127.0.0.1:{free_port()}/calls")
    check = await replica.check(away, "127.0.0.1", "prefer", 5)
    assert (check.check, check.state) == ("database", "warning")
    assert check.found.startswith("replica: PostgreSQL: no server listens")
    assert "DATABASE_READ_URL" in check.remedy
    assert "s3cret" not in check.found
    check = await replica.check(make_url(postgresql_url), "db.example.com", "require", 5)
    assert "sslmode=require does not prove" in check.found
    assert (await replica.check(make_url(postgresql_url), "/run", "prefer", 5)).state == "ok"


async def test_a_host_without_address_is_reported(patient):
    assert "does not resolve" in await patient.says("database", DATABASE_URL="postgresql://u:p@no.such.invalid/calls")


async def test_a_missing_database_is_reported(patient, postgresql_server):
    url = make_url(postgresql_server).set(database="nowhere").render_as_string(hide_password=False)
    said = await patient.says("database", DATABASE_URL=url)
    assert "createdb nowhere" in said


@pytest.mark.parametrize(
    ("code", "wanted"),
    [("28P01", "correct the password"), ("28000", "pg_hba.conf"), ("53300", "max_connections"), ("XX000", "XX000")],
)
async def test_what_postgresql_refuses_with_is_explained(patient, code, wanted):
    async with listening(_refusing(code)) as port:
        said = await patient.says("database", DATABASE_URL=f"postgresql://ada:s3cret-of-ada@127.0.0.1:{port}/calls")
    assert wanted in said
    assert "s3cret" not in said


async def test_a_silent_postgresql_is_given_up(patient):

    async def silent(reader, writer):
        await reader.read()
        writer.close()

    async with listening(silent) as port:
        url = f"postgresql://u:p@127.0.0.1:{port}/c"
        assert "does not answer" in await patient.says("database", limits=Limits(database=0.3), DATABASE_URL=url)


def _refusing(code):
    """PostgreSQL's protocol up to the refusal."""

    async def serve(reader, writer):
        for _ in range(2):  # first the wish for TLS, then who wants in
            length = int.from_bytes(await reader.readexactly(4))
            request = await reader.readexactly(length - 4)
            if request != b"\x04\xd2\x16\x2f":
                break
            writer.write(b"N")
        reported = f"SFATAL\0VFATAL\0C{code}\0Mno\0\0".encode()
        writer.write(b"E" + (len(reported) + 4).to_bytes(4) + reported)
        await writer.drain()
        writer.close()

    return serve


async def test_nothing_is_changed_by_looking(patient, database_url):
    before = await _everything(database_url)
    calls = list(patient.scene.calls)
    await patient.examined()
    assert await _everything(database_url) == before
    assert patient.scene.calls == calls


async def test_a_file_that_no_process_has_open_stays_as_it_is(patient, sqlite_template, tmp_path):
    folder = tmp_path / "alone"
    folder.mkdir()
    file = folder / "copy.db"
    shutil.copy(sqlite_template, file)
    before = file.read_bytes()
    assert "not in this database" in await patient.says("subscription", DATABASE_URL=f"sqlite:///{file}")
    assert file.read_bytes() == before
    assert os.listdir(folder) == ["copy.db"]  # noqa: PTH208 -- the loop has nothing else to do


async def _everything(database_url):
    database = Database.open_readonly(database_url)
    async with database.reading() as db:
        names = [
            "alembic_version", "tenants", "subscriptions", "inbox", "leases", "lifecycle_events", "api_keys", "secrets",
        ]  # fmt: skip
        rows = {name: (await db.execute(text(f"SELECT * FROM {name}"))).all() for name in names}
    await database.close()
    return repr(rows)
