"""The settings of a demo: a file that a simulated Graph writes, and that never mixes with settings of an operator."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic_settings import BaseSettings, DotEnvSettingsSource

_REAL = ("azure_", "graph_base_url", "public_url")


def sources(settings: type[BaseSettings], given: Mapping[str, Any]) -> tuple[DotEnvSettingsSource, ...]:
    """What DEMO_SETTINGS_FILE holds while it is there; raises ValueError where real settings are given too.

    Mixed, a real secret would go to the simulated Graph, or invented calls into a real archive.
    """
    file = given.get("demo_settings_file")
    if not file or not Path(file).is_file():
        return ()
    if real := sorted(name.upper() for name, value in given.items() if value and name.startswith(_REAL)):
        raise ValueError(
            f"DEMO_SETTINGS_FILE: {file} holds the settings of a running demo, and {' and '.join(real)} "
            f"{'is' if len(real) == 1 else 'are'} set as well; stop the demo, or take the real settings away"
        )
    return (DotEnvSettingsSource(settings, env_file=file),)
