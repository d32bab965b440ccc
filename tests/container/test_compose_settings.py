"""Settings and secrets on their way into the containers, and what the file says without any."""

import pytest
import yaml

from tests.container.stage import Stage
from tests.flow.service import free_port

TENANT = "11111111-2222-3333-4444-555555555555"
SETTINGS = {"AZURE_TENANT_ID": TENANT, "AZURE_CLIENT_ID": TENANT, "PUBLIC_URL": "https://callkeeper.example.com"}


@pytest.fixture
def own_project(project):
    """With an .env and secrets, which are gone afterwards."""
    secrets = project / "secrets"
    secrets.mkdir()
    yield project
    (project / ".env").unlink(missing_ok=True)
    for file in secrets.iterdir():
        file.unlink()
    secrets.rmdir()


@pytest.fixture
def operated(own_project, image):
    """A project with real settings in .env."""
    stage = Stage(own_project, "operated", free_port())

    def write(**more):
        lines = [f"{name}='{value}'" for name, value in {**SETTINGS, **more}.items()]
        (own_project / ".env").write_text("\n".join(lines) + "\n")
        return stage

    yield write
    stage.remove()


def migrated(stage):
    stage.compose("up", "--no-build", "--detach", "db")
    return stage.compose("run", "--rm", "migrate", check=False)


@pytest.mark.parametrize("profile", ["", "demo", "tls", "monitoring", "*"])
def test_compose_understands_every_profile_without_any_setting(stage, profile):
    stage.compose("--profile", profile, "config", "--quiet")


def test_files_that_are_mounted_are_there(stage, project):
    services = yaml.safe_load(stage.compose("--profile", "*", "config").stdout)["services"]
    bound = [v["source"] for one in services.values() for v in one.get("volumes", ()) if v["type"] == "bind"]
    assert len(bound) == 5
    for source in bound:
        assert (project / source).exists(), source


def test_only_the_web_and_the_profiles_publish_ports_and_the_web_to_this_machine_alone(stage):
    services = yaml.safe_load(stage.compose("config").stdout)["services"]
    ports = {name: one["ports"] for name, one in services.items() if one.get("ports")}
    assert set(ports) == {"web"}
    assert [port["host_ip"] for port in ports["web"]] == ["127.0.0.1"]


def test_without_settings_and_without_the_demo_the_missing_ones_are_named(stage):
    done = migrated(stage)
    assert done.returncode == 1
    assert "callkeeper: AZURE_TENANT_ID: is missing" in done.stderr


def test_settings_come_from_env_and_a_password_is_made(operated):
    stage = operated(AZURE_CLIENT_SECRET="s3cret")
    assert migrated(stage).returncode == 0
    made = stage.compose("exec", "-T", "db", "cat", "/run/password/database").stdout.strip()
    assert len(made) == 32


def test_a_password_of_ones_own_is_taken(operated):
    stage = operated(AZURE_CLIENT_SECRET="s3cret", POSTGRES_PASSWORD="p@ss/word: #1?")
    assert migrated(stage).returncode == 0
    assert stage.compose("exec", "-T", "db", "cat", "/run/password/database").stdout == "p@ss/word: #1?"


def test_secrets_come_from_files(operated, own_project):
    files = {"azure_client_secret": "s3cret\n", "api_key": "the key\n", "database_password": "p@ss\n"}
    for name, holds in files.items():
        (own_project / "secrets" / name).write_text(holds)
        (own_project / "secrets" / name).chmod(0o644)
    stage = operated(COMPOSE_FILE="docker-compose.yml:docker-compose.secrets.yml")
    done = migrated(stage)
    assert done.returncode == 0, done.stderr
    reported = "from app.settings import environment; s = environment.load(); print(s.azure_client_secret.get_secret_value(), s.api_key.get_secret_value(), s.database_password.get_secret_value(), sep='|')"
    done = stage.compose("run", "--rm", "--no-deps", "--entrypoint", "python", "web", "-c", reported)
    assert done.stdout.strip() == "s3cret|the key|p@ss"


def test_the_demo_does_not_start_beside_real_settings(operated):
    stage = operated(AZURE_CLIENT_SECRET="s3cret")
    done = stage.compose("--profile", "demo", "up", "--detach", "--no-build", check=False)
    assert done.returncode == 1
    assert "a demo does not run beside real settings" in stage.logs("simulator")
    assert [state["Status"] for state in stage.states("simulator", "hello")] == ["exited", "created"]
    assert stage.compose("exec", "-T", "web", "ls", "/run/demo").stdout == ""  # the real system is as it was
