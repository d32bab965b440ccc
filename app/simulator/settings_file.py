"""The settings that a collector needs for this world, as a file that exists only while the world runs."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from app.simulator.world import World

REAL = ("AZURE_", "GRAPH_BASE_URL", "PUBLIC_URL")


def real(environment: Mapping[str, str]) -> list[str]:
    """The names of settings for the real Graph, beside which a demo must not run."""
    return sorted(name for name, value in environment.items() if value and name.startswith(REAL))


@contextmanager
def removed(file: Path | None) -> Iterator[None]:
    """No such file before, where an earlier world was killed, and none after."""
    if file:
        file.unlink(missing_ok=True)
    try:
        yield
    finally:
        if file:
            file.unlink(missing_ok=True)


def write(file: Path, world: World, url: str, ca_file: Path, more: Iterable[str]) -> None:
    """The file appears completely or not at all: a waiting process may read it at once."""
    lines = [
        f"AZURE_TENANT_ID={world.tenant_id}",
        f"AZURE_CLIENT_ID={world.client_id}",
        f"AZURE_CLIENT_SECRET={world.client_secret}",
        f"AZURE_AUTHORITY_HOST={url}",
        f"GRAPH_BASE_URL={url}",
        f"SSL_CERT_FILE={ca_file}",
        *more,
    ]
    unfinished = file.with_suffix(".unfinished")
    unfinished.touch(0o600)
    unfinished.write_text("\n".join(lines) + "\n", encoding="utf-8")
    unfinished.replace(file)
