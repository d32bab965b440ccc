"""Are the settings right? All other checks need them."""

import ssl
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import getproxies

from app.doctor.finding import Check, failed, ok
from app.graph.clouds import CLOUDS
from app.settings import environment
from app.settings.environment import Settings, SettingsError

NAME = "settings"
_WHERE = "correct it in the environment or in .env; .env.example explains every variable"


def read() -> tuple[Settings | None, Check]:
    """The settings, or None with everything that is wrong in them."""
    try:
        settings = environment.load()
    except SettingsError as error:
        return None, failed(NAME, str(error), _WHERE)
    except OSError as error:
        unreadable = f"{error.filename or '.env'} cannot be read ({error.strerror})"
        return None, failed(NAME, unreadable, "let the user that runs this command read it")
    if wrong := _wrong(settings):
        return None, wrong
    return settings, ok(NAME, _told(settings))


def _wrong(settings: Settings) -> Check | None:
    """What no single variable shows."""
    if settings.graph_base_url is None and not CLOUDS[settings.graph_cloud].has_call_records:
        found = f"GRAPH_CLOUD={settings.graph_cloud}: this cloud's Graph has no call records"
        return failed(NAME, found, "use global, usgov or usgovdod; there is no way to call records in this cloud")
    if settings.ssl_cert_file and not _holds_certificates(settings.ssl_cert_file):
        found = f"SSL_CERT_FILE: {settings.ssl_cert_file} holds no certificate that can be read"
        return failed(NAME, found, "give a PEM file: blocks that begin with -----BEGIN CERTIFICATE-----")
    if scheme := _strange_proxy(getproxies()):
        found = f"HTTPS_PROXY, HTTP_PROXY or ALL_PROXY: a {scheme} proxy is not supported"
        return failed(NAME, found, "give an http proxy, for example HTTPS_PROXY=http://proxy:3128")
    return None


def _holds_certificates(file: Path) -> bool:
    try:
        return bool(ssl.create_default_context(cafile=str(file)).get_ca_certs())
    except OSError:
        return False


def _strange_proxy(proxies: dict[str, str]) -> str | None:
    used = [urlsplit(url).scheme for name, url in proxies.items() if name in {"http", "https", "all"}]
    return next((scheme for scheme in used if scheme not in {"http", "https"}), None)


def _told(settings: Settings) -> str:
    count = len(settings.azure_tenant_id)
    where = settings.graph_base_url or CLOUDS[settings.graph_cloud].graph
    return f"{count} tenant{'s' if count > 1 else ''}, Graph at {where}, reached by it at {settings.public_url}"
