"""`callkeeper subscriptions`: for cron, which looks at the exit code, and for people."""

import asyncio
import shutil
import sys

import orjson
import pytest

from tests.subscriptions.installation import OTHER

pytestmark = pytest.mark.anyio


@pytest.fixture
def database_url(sqlite_template, tmp_path):
    """One is enough: what a process prints and how it exits does not depend on the database."""
    return f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'callkeeper.db')}"


async def run(installation, *arguments, **changes):
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "app", "subscriptions", *arguments,
        env=installation.environment(**changes), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, err = await process.communicate()
    return process.returncode, out.decode(), err.decode()


async def test_ensure_twice_exits_0_and_makes_one(installation):
    code, out, err = await run(installation, "ensure", "--json")
    (shown,) = orjson.loads(out)
    assert (code, err, shown["action"], shown["good"]) == (0, "", "created", True)
    assert shown["subscription_id"] == installation.one.id
    code, out, _ = await run(installation, "ensure")
    assert (code, "kept" in out, installation.calls) == (0, True, ["create"])
    assert installation.one.client_state not in out


async def test_one_tenant_that_fails_is_an_exit_1_and_the_other_is_good(installation):
    installation.world.directory.app.absent_from.add(OTHER)
    both = {"AZURE_TENANT_ID": f"{installation.world.tenant_id},{OTHER}"}
    code, out, err = await run(installation, "ensure", "--json", **both)
    assert (code, {row["tenant_id"]: row["good"] for row in orjson.loads(out)}) == (
        1,
        {installation.world.tenant_id: True, OTHER: False},
    )
    assert installation.one.tenant_id == installation.world.tenant_id
    assert "Traceback" not in err
    code, _, err = await run(installation, "ensure", **both)
    assert code == 1
    assert f"callkeeper: tenant {OTHER}: the login was refused" in err


async def test_list_shows_what_graph_has_and_delete_takes_it_away(installation):
    await installation.ensure()
    one = installation.one
    code, out, _ = await run(installation, "list", "--json")
    (shown,) = orjson.loads(out)
    assert (code, shown["id"], shown["notification_url"]) == (0, one.id, one.notification_url)
    code, out, _ = await run(installation, "delete", one.id)
    assert (code, installation.live) == (0, [])
    code, out, err = await run(installation, "delete", one.id)
    assert (code, out, err.count("\n"), one.id in err) == (1, "", 1, True)
    assert (await installation.ensure()).action == "created"
