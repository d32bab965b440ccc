"""An environment that holds the settings given and nothing of the machine that runs the tests."""

from app.settings.environment import Settings

TENANT = "11111111-2222-3333-4444-555555555555"
OTHER_TENANT = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"
SECRETS = {"AZURE_CLIENT_SECRET": "s3cret-of-the-app", "API_KEY": "s3cret-key-of-the-tests"}
GOOD = SECRETS | {
    "AZURE_TENANT_ID": TENANT,
    "AZURE_CLIENT_ID": "99999999-2222-3333-4444-555555555555",
    "PUBLIC_URL": "https://callkeeper.example.com",
}


def set_only(monkeypatch, folder, settings):
    """The environment has these settings and no others, and no .env is near."""
    monkeypatch.chdir(folder)
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
