"""`.env.example`, written from Settings so that the two cannot disagree (a test compares them)."""

import textwrap
from typing import Any

from pydantic import SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from app.settings.environment import Settings

_HEAD = """\
# Callkeeper's settings. Copy this file to .env and fill in what has no default.
# Written by: python -m app.settings.env_example > .env.example
"""


def render() -> str:
    """The whole file: each variable with its meaning, its default or an example."""
    return _HEAD + "".join(_entry(name, field) for name, field in Settings.model_fields.items())


def _entry(name: str, field: FieldInfo) -> str:
    comment = textwrap.fill(field.description or "", 100, initial_indent="# ", subsequent_indent="# ")
    example = (field.examples or [""])[0]
    if field.is_required():
        return f"\n{comment}\n{name.upper()}={example}\n"
    default = written_default(name, field)
    return f"\n{comment}\n# {name.upper()}={default or example}\n"


def written_default(name: str, field: FieldInfo) -> str:
    """A default as one would write it; empty where there is none."""
    value: Any = field.default
    if value is None or value is PydanticUndefined:
        return ""
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    written = Settings.model_construct(**{name: value}).model_dump(include={name})
    return str(written[name])


if __name__ == "__main__":
    print(render(), end="")  # noqa: T201 -- a command that prints a file
