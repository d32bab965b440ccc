"""Which API_KEY is refused: one that can be guessed, and those that this repository publishes."""

from pathlib import Path

SHORTEST = 20  # characters
DEMO = "callkeeper-demo-key-not-secret"  # of docker-compose.yml
EXAMPLE = "the-output-of-openssl-rand-hex-24"  # of .env.example and the Kubernetes sample


def problem(key: str, demo_settings: Path | None) -> str | None:
    """What is wrong with the key, without the key; the demo's is allowed while the file of its settings exists."""
    if len(key.strip()) < SHORTEST:
        return f"has fewer than {SHORTEST} characters"
    if key.strip() == EXAMPLE:
        return "is the example of the documentation, which is public"
    if key.strip() == DEMO and not (demo_settings and demo_settings.is_file()):
        return "is the key of the demo, which is public"
    return None
