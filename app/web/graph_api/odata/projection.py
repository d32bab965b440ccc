"""$select and $expand: which properties of which type, also nested, and the same as text for a link."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.web.graph_api.odata.entity_types import EntityType
from app.web.graph_api.odata.tokens import DEEPEST, RefusedError, Words


@dataclass(frozen=True, slots=True)
class Projection:
    """What is wanted of one entity type: the named properties or all, and these expanded."""

    of: EntityType
    select: tuple[str, ...] | None = None
    expand: Mapping[str, "Projection"] = field(default_factory=dict)

    def options(self) -> list[tuple[str, str]]:
        """The query options that ask for the same."""
        options = [("$select", ",".join(self.select))] if self.select is not None else []
        if self.expand:
            options.append(("$expand", ",".join(_as_text(name, each) for name, each in self.expand.items())))
        return options

    def context(self) -> str:
        """As a context URL names it: ``(id,sessions(segments()))``."""
        names = [*(self.select or ()), *(f"{name}{each.context() or '()'}" for name, each in self.expand.items())]
        return f"({','.join(names)})" if names else ""


def parse(of: EntityType, select: str | None, expand: str | None) -> Projection:
    """RefusedError names a property that the type does not have, or that cannot be expanded."""
    return Projection(of, _selected(of, select), _expanded(of, expand))


def _selected(of: EntityType, text: str | None) -> tuple[str, ...] | None:
    if text is None:
        return None
    words = Words("$select", text)
    found = _select(words, of)
    words.end()
    return found


def _expanded(of: EntityType, text: str | None) -> dict[str, Projection]:
    if text is None:
        return {}
    words = Words("$expand", text)
    found = _expand(words, of, 0)
    words.end()
    return found


def _select(words: Words, of: EntityType) -> tuple[str, ...] | None:
    """The properties; None where ``*`` is among them."""
    chosen: list[str] = []
    everything = False
    while True:
        if words.took("*"):
            everything = True
        else:
            chosen.append(_known(words.name("a property"), of))
        if not words.took(","):
            return None if everything else tuple(dict.fromkeys(chosen))


def _known(name: str, of: EntityType) -> str:
    if name not in of.properties and name not in of.expandable:
        raise RefusedError(f"$select: the type {of.name} has no property '{name[:60]}'.")
    return name


def _expand(words: Words, of: EntityType, depth: int) -> dict[str, Projection]:
    if depth > DEEPEST:
        raise RefusedError("$expand is nested too deeply.")
    found: dict[str, Projection] = {}
    while True:
        name = words.name("a property")
        if name not in of.expandable:
            raise RefusedError(f"$expand: '{name[:60]}' of the type {of.name} cannot be expanded.")
        if name in found:
            raise RefusedError(f"$expand names '{name}' twice.")
        below = of.expandable[name]
        found[name] = _options(words, below, depth) if words.took("(") else Projection(below)
        if not words.took(","):
            return found


def _options(words: Words, of: EntityType, depth: int) -> Projection:
    select: tuple[str, ...] | None = None
    expand: dict[str, Projection] = {}
    given: set[str] = set()
    while True:
        option = words.name("an option")
        if option in given:
            raise RefusedError(f"$expand has the option '{option}' twice.")
        given.add(option)
        words.need("=")
        match option:
            case "$select":
                select = _select(words, of)
            case "$expand":
                expand = _expand(words, of, depth + 1)
            case _:
                raise RefusedError(f"The option '{option[:60]}' is not supported within $expand.")
        if not words.took(";"):
            words.need(")")
            return Projection(of, select, expand)


def _as_text(name: str, wanted: Projection) -> str:
    options = ";".join(f"{option}={value}" for option, value in wanted.options())
    return f"{name}({options})" if options else name
