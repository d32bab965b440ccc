"""A file with the settings that a collector needs for this simulator; it exists only while the simulator runs."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from app.simulator.world import World

REAL = ("AZURE_", "GRAPH_BASE_URL", "PUBLIC_URL")


def real(environment: Mapping[str, str]) -> list[str]:
    """The names of set variables for the real Graph; the demo must not run with them."""
    return sorted(name for name, value in environment.items() if value and name.startswith(REAL))


@contextmanager
def removed(file: Path | None) -> Iterator[None]:
    """Remove the file before, in case an earlier process was killed, and after."""
    if file:
        file.unlink(missing_ok=True)
    try:
        yield
    finally:
        if file:
            file.unlink(missing_ok=True)


def write(file: Path, world: World, url: str, ca_file: Path, more: Iterable[str]) -> None:
    """Write the file atomically, because a waiting process may read it immediately."""
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
