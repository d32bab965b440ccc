"""The settings of a demo: a file that the simulated Graph writes. It is never combined with real settings."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic_settings import BaseSettings, DotEnvSettingsSource

_REAL = ("azure_", "graph_base_url", "public_url")


def sources(settings: type[BaseSettings], given: Mapping[str, Any]) -> tuple[DotEnvSettingsSource, ...]:
    """The content of DEMO_SETTINGS_FILE while the file exists; raises ValueError if real settings are given as well.

    Combined, a real secret would be sent to the simulated Graph, or simulated calls stored in a real archive.
    """
    file = given.get("demo_settings_file")
    if not file or not Path(file).is_file():
        return ()
    if real := sorted(name.upper() for name, value in given.items() if value and name.startswith(_REAL)):
        raise ValueError(
            f"DEMO_SETTINGS_FILE: {file} contains the settings of a running demo, and {' and '.join(real)} "
            f"{'is' if len(real) == 1 else 'are'} set as well; stop the demo, or remove the real settings"
        )
    return (DotEnvSettingsSource(settings, env_file=file),)
