"""Takes IP and MAC addresses out of one call record's JSON; every other byte stays. Pure.

Of both networks of each media: the addresses of the client, of the route to it and of its access point. What stays:
the subnet, unless it is the address itself, as VPN adapters report it; and the relay, which is Microsoft's.
"""

from collections.abc import Iterator

from app.archive.documents.json_text import Edit, List, Node, Object, Text, located, replacing
from app.archive.erasure.identities import within

ADDRESSES = {"ipAddress", "reflexiveIPAddress", "macAddress", "basicServiceSetIdentifier"}
SIDES = ("callerNetwork", "calleeNetwork")


def edits(raw: bytes) -> list[Edit]:
    """What to replace in the document by null; nothing where it has no addresses."""
    return [replacing(text, None) for network in _networks(located(raw)) for text in _addresses(network)]


def _networks(document: Node) -> Iterator[Object]:
    for session in _objects(document, "sessions"):
        for segment in _objects(session, "segments"):
            for media in _objects(segment, "media"):
                for side in SIDES:
                    network = media.get(side)
                    if isinstance(network, Object):
                        yield network


def _addresses(network: Object) -> Iterator[Text]:
    """The hops of a network's route are below it."""
    for name, value, _ in within(network):
        if name.value in ADDRESSES and isinstance(value, Text):
            yield value
    own, subnet = network.get("ipAddress"), network.get("subnet")
    if isinstance(own, Text) and isinstance(subnet, Text) and subnet.value.partition("/")[0] == own.value:
        yield subnet


def _objects(parent: Node, name: str) -> list[Object]:
    found = parent.get(name) if isinstance(parent, Object) else None
    return [item for item in found.items if isinstance(item, Object)] if isinstance(found, List) else []
