"""Over which network a server of PostgreSQL is reached: this machine, a container network, or any other."""

import os
from collections.abc import Mapping
from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path

_DOCKER_RESOLVER = "127.0.0.11"  # https://docs.docker.com/engine/network/#dns-services
_LOCAL = {"localhost", "localhost.localdomain"}


class Network(StrEnum):
    THIS_MACHINE = "this machine"
    CONTAINERS = "a container network"
    ANY = "a network"


def network_of(hosts: str, *, in_containers: bool) -> Network:
    """The widest one of several hosts, separated by commas. Pure.

    Without a dot, a name is that of another container where this process has a container engine's names
    (``in_containers``). Elsewhere, for example in Kubernetes, it is that of any server.
    """
    found = {_of_one(host.strip(), in_containers=in_containers) for host in hosts.split(",")}
    return next((network for network in (Network.ANY, Network.CONTAINERS) if network in found), Network.THIS_MACHINE)


def _of_one(host: str, *, in_containers: bool) -> Network:
    if host.startswith(("/", "@")) or host.lower().rstrip(".") in _LOCAL:
        return Network.THIS_MACHINE
    try:
        return Network.THIS_MACHINE if ip_address(host).is_loopback else Network.ANY
    except ValueError:
        return Network.CONTAINERS if in_containers and "." not in host else Network.ANY


def has_names_of_containers(environment: Mapping[str, str] = os.environ, root: Path = Path("/")) -> bool:
    """Whether Docker or Podman resolves names for this process. A pod of Kubernetes has the cluster's names."""
    if "KUBERNETES_SERVICE_HOST" in environment:
        return False
    if (root / "run/.containerenv").exists():  # Podman's; its resolver has the address of the network's gateway
        return True
    try:
        lines = (root / "etc/resolv.conf").read_text(errors="replace").splitlines()
    except OSError:
        return False
    return ["nameserver", _DOCKER_RESOLVER] in [line.split() for line in lines]
