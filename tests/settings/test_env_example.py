import re
from pathlib import Path

import pytest

from app.settings.env_example import render
from app.settings.environment import Settings

PROJECT = Path(__file__).parents[2]
WRITTEN = (PROJECT / ".env.example").read_text()


PROMISED = """
    AZURE_TENANT_ID AZURE_CLIENT_ID AZURE_CLIENT_SECRET AZURE_CLIENT_CERTIFICATE_PATH AZURE_CLIENT_CERTIFICATE_PASSWORD
    AZURE_FEDERATED_TOKEN_FILE AZURE_MANAGED_IDENTITY AZURE_AUTHORITY_HOST GRAPH_CLOUD GRAPH_BASE_URL GRAPH_API_VERSION
    PUBLIC_URL DATABASE_URL API_KEY WORKER_CONCURRENCY GRAPH_RATE RECONCILE_EVERY RENEW_EVERY RETENTION SSL_CERT_FILE
    LOG_LEVEL LOG_FORMAT AZURE_CLIENT_SECRET_FILE AZURE_CLIENT_CERTIFICATE_PASSWORD_FILE DATABASE_URL_FILE
    DATABASE_PASSWORD DATABASE_PASSWORD_FILE API_KEY_FILE
"""


def test_the_file_is_what_the_settings_say():
    assert render() == WRITTEN


@pytest.mark.parametrize("name", sorted(set(PROMISED.split()) | {name.upper() for name in Settings.model_fields}))
def test_each_variable_is_explained(name):
    assert re.search(rf"^# .+\n(# )?{name}=.+$", WRITTEN, re.MULTILINE)


@pytest.mark.parametrize(
    ("name", "default"), [("GRAPH_RATE", "1500/20s"), ("RENEW_EVERY", "15m"), ("LOG_LEVEL", "info")]
)
def test_a_default_is_written_as_one_would_write_it(name, default):
    assert f"\n# {name}={default}\n" in WRITTEN


def test_only_what_has_no_default_is_left_to_fill_in():
    required = {name.upper() for name, field in Settings.model_fields.items() if field.is_required()}
    assert set(re.findall(r"^([A-Z_]+)=", WRITTEN, re.MULTILINE)) == required
