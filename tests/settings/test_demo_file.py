import pytest

from app.settings import api_key, environment
from app.settings.environment import SettingsError
from tests.sample_settings import GOOD, TENANT, set_only


@pytest.fixture
def demo(monkeypatch, tmp_path):
    """Settings of an environment beside the file of a demo."""

    def demo(*, running=True, also={}, **settings):  # noqa: B006 -- read only
        file = tmp_path / "settings.env"
        file.unlink(missing_ok=True)
        if running:
            file.write_text(
                "".join(f"{name}={value}\n" for name, value in (GOOD | {"LOG_LEVEL": "debug"} | also).items())
            )
        set_only(monkeypatch, tmp_path, {"DEMO_SETTINGS_FILE": str(file), **settings})
        return environment.load()

    return demo


def test_the_settings_of_a_demo_outweigh_the_environment(demo):
    settings = demo(API_KEY="another", LOG_LEVEL="error", WORKER_CONCURRENCY="3")
    assert (settings.azure_tenant_id, settings.log_level, settings.worker_concurrency) == ((TENANT,), "debug", 3)
    assert settings.api_key.get_secret_value() == GOOD["API_KEY"]


def test_the_public_key_of_the_demo_is_accepted_while_the_demo_runs_only(demo):
    assert demo(also={"API_KEY": api_key.DEMO}).api_key.get_secret_value() == api_key.DEMO
    with pytest.raises(SettingsError, match="API_KEY: is the key of the demo"):
        demo(running=False, **GOOD | {"API_KEY": api_key.DEMO})


@pytest.mark.parametrize("name", ["AZURE_TENANT_ID", "AZURE_CLIENT_SECRET_FILE", "PUBLIC_URL", "GRAPH_BASE_URL"])
def test_the_settings_of_a_demo_never_mix_with_real_ones(demo, name):
    with pytest.raises(SettingsError) as caught:
        demo(**{name: "s3cret"})
    assert f"a running demo, and {name} is set as well" in str(caught.value)
    assert "s3cret" not in str(caught.value)


def test_where_no_demo_runs_its_file_is_not_missed(demo):
    assert demo(running=False, **GOOD).log_level == "info"
