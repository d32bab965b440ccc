"""Files, versions and schemas of both databases, as a sentence and a remedy. Tables, without a database."""

from pathlib import Path

import pytest

from app.db import Database
from app.doctor.database import postgresql, schema_and_keys, sqlite_file
from app.doctor.database.network_of import Network, has_names_of_containers, network_of
from app.doctor.database.sqlite_file import File

FILE = Path("/data/callkeeper.db")
MIB = 1 << 20


@pytest.mark.parametrize(
    ("version", "state"),
    [
        *((old, "warning") for old in ("3.7.0", "3.40.1", "3.44.5", "3.45.6", "3.50.6", "3.51.2")),
        *((good, "ok") for good in ("3.44.6", "3.50.7", "3.51.3", "3.52.0", "3.53.1", "4.0.0")),
    ],
)
def test_versions_of_sqlite_with_the_wal_reset_bug(version, state):
    assert sqlite_file.version(version).state == state


@pytest.mark.parametrize(
    ("file", "state", "wanted"),
    [
        (File(FILE, exists=True), "ok", "callkeeper.db"),
        (File(FILE, exists=False), "failed", "callkeeper migrate"),
        (File(FILE, exists=True, readable=False), "failed", "cannot read /data/callkeeper.db"),
        (File(FILE, exists=True, writable=False), "failed", "cannot write /data/callkeeper.db"),
        (File(FILE, exists=True, folder_writable=False), "failed", "the folder /data"),
        (File(FILE, exists=True, free=500 * MIB), "warning", "nearly full"),
        (File(FILE, exists=True, free=50 * MIB), "failed", "disk is full"),
    ],
)
def test_files_of_sqlite(file, state, wanted):
    check = sqlite_file.check(file)
    assert check.state == state
    assert wanted in f"{check.found} {check.remedy}"


@pytest.mark.parametrize(("version", "state"), [("17.2 (Debian 17.2-1)", "ok"), ("12.1", "ok"), ("11.22", "failed")])
def test_versions_of_postgresql(version, state):
    assert postgresql.version(version).state == state


def test_a_standby_cannot_be_worked_with():
    check = postgresql.reached(
        host="db", name="calls", read_only=True, sslmode="verify-full", network=Network.THIS_MACHINE
    )
    assert check.state == "failed"


@pytest.mark.parametrize(
    ("host", "in_containers", "sslmode", "state"),
    [
        ("db.example.com", True, "require", "warning"),
        ("10.0.0.5", True, "verify-ca", "warning"),
        ("/run/postgresql,10.0.0.5", False, "require", "warning"),
        ("postgres", False, "prefer", "warning"),  # a service of Kubernetes, or a server with a search domain
        ("localhost,postgres", False, "prefer", "warning"),
        ("db.example.com", False, "verify-full", "ok"),
        ("127.0.0.1", False, "prefer", "ok"),
        ("::1", False, "prefer", "ok"),
        ("localhost", False, "prefer", "ok"),
        ("/run/postgresql", False, "prefer", "ok"),
    ],
)
def test_a_connection_over_a_network_that_does_not_verify_the_server_is_a_warning(host, in_containers, sslmode, state):
    check = reached(host, sslmode, in_containers=in_containers)
    assert (check.state, "sslmode=verify-full" in (check.remedy or "")) == (state, state == "warning")


def test_another_container_is_no_warning_and_the_finding_says_what_is_not_proved():
    check = reached("db", "prefer", in_containers=True)
    assert check.state == "ok"
    assert "sslmode=prefer does not prove that it is that server" in check.found


def reached(host, sslmode, *, in_containers):
    network = network_of(host, in_containers=in_containers)
    return postgresql.reached(host=host, name="calls", read_only=False, sslmode=sslmode, network=network)


def test_a_container_engine_is_known_by_its_resolver_and_a_pod_of_kubernetes_is_not_one(tmp_path):
    (tmp_path / "etc").mkdir()
    resolver = tmp_path / "etc" / "resolv.conf"
    assert not has_names_of_containers({}, tmp_path)
    resolver.write_text("search example.com\nnameserver 10.96.0.10\n")
    assert not has_names_of_containers({}, tmp_path)
    resolver.write_text("nameserver 127.0.0.11\noptions ndots:0\n")
    assert has_names_of_containers({}, tmp_path)
    resolver.unlink()
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / ".containerenv").touch()
    assert has_names_of_containers({}, tmp_path)
    assert not has_names_of_containers({"KUBERNETES_SERVICE_HOST": "10.96.0.1"}, tmp_path)


@pytest.mark.anyio
async def test_a_missing_file_of_certificate_authorities_is_explained(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    database = Database.open("postgresql://me@127.0.0.1:1/calls?sslmode=verify-full")
    with pytest.raises(OSError) as refused:  # noqa: PT011 -- an UnreachableError
        async with database.reading():
            pass
    await database.close()
    check = postgresql.refused(refused.value, host="127.0.0.1", port=1, user="me", name="calls")
    assert "certificate authorities" in check.found
    assert "sslrootcert=FILE" in check.remedy


@pytest.mark.parametrize(("revision", "state"), [(None, "failed"), ("0001", "failed"), ("0004", "ok"), ("9999", "ok")])
def test_revisions(revision, state, monkeypatch):
    monkeypatch.setattr("app.db.schema_version.newest", lambda: "0004")
    assert schema_and_keys.migration(revision, "0004").state == state
