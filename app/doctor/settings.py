"""Checks the settings, which every other check needs."""

import ssl
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import getproxies

from app.doctor.finding import Check, failed, ok
from app.graph.clouds import CLOUDS
from app.health.durations import counted
from app.settings import environment
from app.settings.environment import Settings, SettingsError

NAME = "settings"
_REMEDY = "correct it in the environment or in .env; .env.example explains every variable"


def read() -> tuple[Settings | None, Check]:
    """The settings, or None with everything that is wrong with them."""
    try:
        settings = environment.load()
    except SettingsError as error:
        return None, failed(NAME, str(error), _REMEDY)
    except OSError as error:
        unreadable = f"{error.filename or '.env'} cannot be read ({error.strerror})"
        return None, failed(NAME, unreadable, "give read permission to the user that runs this command")
    if wrong := _wrong(settings):
        return None, wrong
    return settings, ok(NAME, _summary(settings))


def _wrong(settings: Settings) -> Check | None:
    """Problems that the value of a single variable does not show."""
    if settings.graph_base_url is None and not CLOUDS[settings.graph_cloud].has_call_records:
        found = f"GRAPH_CLOUD={settings.graph_cloud}: this cloud's Graph has no call records"
        return failed(NAME, found, "use global, usgov or usgovdod; call records are not available in this cloud")
    if settings.ssl_cert_file and not _contains_certificates(settings.ssl_cert_file):
        found = f"SSL_CERT_FILE: {settings.ssl_cert_file} contains no readable certificate"
        return failed(NAME, found, "use a PEM file, with blocks that start with -----BEGIN CERTIFICATE-----")
    if scheme := _unsupported_proxy(getproxies()):
        found = f"HTTPS_PROXY, HTTP_PROXY or ALL_PROXY: a {scheme} proxy is not supported"
        return failed(NAME, found, "set an http proxy, for example HTTPS_PROXY=http://proxy:3128")
    return None


def _contains_certificates(file: Path) -> bool:
    try:
        return bool(ssl.create_default_context(cafile=str(file)).get_ca_certs())
    except OSError:
        return False


def _unsupported_proxy(proxies: dict[str, str]) -> str | None:
    used = [urlsplit(url).scheme for name, url in proxies.items() if name in {"http", "https", "all"}]
    return next((scheme for scheme in used if scheme not in {"http", "https"}), None)


def _summary(settings: Settings) -> str:
    tenants = counted(len(settings.azure_tenant_id), "tenant")
    graph = settings.graph_base_url or CLOUDS[settings.graph_cloud].graph
    return f"{tenants}, Graph at {graph}, PUBLIC_URL {settings.public_url}"
