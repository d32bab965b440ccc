"""Remove secrets and tokens from every finding before it is printed. Pure."""

import re
from collections.abc import Iterable
from dataclasses import replace
from urllib.parse import quote, quote_plus

from pydantic import SecretStr
from sqlalchemy import make_url

from app.doctor.finding import Check
from app.settings.environment import Settings

_SHORTEST = 4  # characters; a shorter "secret" occurs in ordinary words
_TOKEN = re.compile(r"eyJ[\w-]{8,}(?:\.[\w-]*)*")


def secrets_of(settings: Settings) -> list[str]:
    """Every secret in the settings, including the passwords in URLs of databases."""
    values = [value for name in Settings.model_fields if isinstance(value := getattr(settings, name), SecretStr)]
    plain = [value.get_secret_value() for value in values]
    urls = [url.get_secret_value() for url in (settings.database_url, settings.database_read_url) if url]
    passwords = [make_url(url).password or "" for url in urls]
    return [secret for secret in (*plain, *passwords) if len(secret) >= _SHORTEST]


def without(secrets: Iterable[str], check: Check) -> Check:
    """The same check, with … instead of each secret."""
    forms = [form for secret in secrets for form in (secret, quote(secret, safe=""), quote_plus(secret))]
    return replace(check, found=_redacted(forms, check.found), remedy=check.remedy and _redacted(forms, check.remedy))


def _redacted(forms: Iterable[str], text: str) -> str:
    for form in sorted(forms, key=len, reverse=True):
        text = text.replace(form, "…")
    return " ".join(_TOKEN.sub("…", text).split())
