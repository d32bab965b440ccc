"""The manifests of deploy/kubernetes as tests read them: every object, and every pod that one of them makes."""

from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "deploy/kubernetes"


def objects(file):
    return [found for found in yaml.safe_load_all(file.read_text()) if found]


# What `kubectl apply -f` takes, and what stands below it to be chosen from.
APPLIED = [found for file in sorted(FOLDER.glob("*.yaml")) for found in objects(file)]
OPTIONAL = [found for name in ("ingress", "secret") for found in objects(FOLDER / f"optional/{name}.yaml")]
ALL = APPLIED + OPTIONAL


def of(kind):
    return [found for found in ALL if found["kind"] == kind]


def name(found):
    return f"{found['kind']} {found['metadata']['name']}"


def template(found):
    """The pods that an object makes; None for one that makes none."""
    inner = found["spec"]["jobTemplate"] if found["kind"] == "CronJob" else found
    return inner.get("spec", {}).get("template")


MAKERS = [found for found in ALL if template(found)]
TEMPLATES = [template(found) for found in MAKERS]


def container(found):
    """The only one of its pod."""
    (only,) = template(found)["spec"]["containers"]
    return only


def selected(labels):
    """The pods that have all these labels."""
    return [pod for pod in TEMPLATES if labels.items() <= pod["metadata"]["labels"].items()]
