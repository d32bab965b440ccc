"""All identities in a located document, wherever Graph puts them. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from app.archive.documents.json_text import List, Node, Object, Text

ALONE = "associatedIdentity"
SETS = ("identity", "organizer")
SETS_IN_LISTS = "participants"


def within(node: Node) -> Iterator[tuple[Text, Node, Object]]:
    """Every member of every object below and its object, without recursion: nesting may be deep."""
    waiting = [node]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Object):
            for name, value in node.members:
                yield name, value, node
                waiting.append(value)
        elif isinstance(node, List):
            waiting.extend(node.items)


def everywhere(document: Node) -> Iterator[Object]:
    """Every identity of the document."""
    for name, value, _ in within(document):
        yield from _of_member(name.value, value)


@dataclass(slots=True)
class Party:
    """The identities of one identity set, participant or end, with Graph's kinds, and the participant's own id."""

    identities: list[tuple[str, Object]]
    an_id: Text | None = None


def parties(document: Node) -> Iterator[Party]:
    """Every party of the document; each identity is in one of them."""
    waiting = [document]
    while waiting:
        node = waiting.pop()
        if isinstance(node, List):
            waiting.extend(node.items)
        elif isinstance(node, Object):
            yield from _of_object(node)
            waiting.extend(value for _, value in node.members)


def _of_object(node: Object) -> Iterator[Party]:
    own: list[tuple[str, Object]] = []
    for name, value in node.members:
        if name.value == ALONE and isinstance(value, Object):
            own.append((ALONE, value))
        elif name.value == "identity":
            own += _with_kinds(value)
        elif name.value in SETS:
            yield Party(_with_kinds(value))
        elif name.value == SETS_IN_LISTS and isinstance(value, List):
            yield from (Party(_with_kinds(item)) for item in value.items)
    an_id = node.get("id")
    if own:
        yield Party(own, an_id if isinstance(an_id, Text) else None)


def _with_kinds(identities: Node) -> list[tuple[str, Object]]:
    members = identities.members if isinstance(identities, Object) else ()
    return [(name.value, value) for name, value in members if isinstance(value, Object)]


def of_endpoint(endpoint: Node) -> list[Object]:
    """Those of one end of a session or segment."""
    members = endpoint.members if isinstance(endpoint, Object) else ()
    return [
        found for name, value in members if name.value in (ALONE, "identity") for found in _of_member(name.value, value)
    ]


def text_of(identity: Object, name: str) -> str | None:
    value = identity.get(name)
    return value.value if isinstance(value, Text) and value.value.strip() else None


def _of_member(name: str, value: Node) -> Iterator[Object]:
    if name == ALONE and isinstance(value, Object):
        yield value
    elif name in SETS:
        yield from _of_set(value)
    elif name == SETS_IN_LISTS and isinstance(value, List):
        for item in value.items:
            yield from _of_set(item)


def _of_set(identities: Node) -> Iterator[Object]:
    if isinstance(identities, Object):
        yield from (value for _, value in identities.members if isinstance(value, Object))
