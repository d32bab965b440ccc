"""How a client wants what it reads: which properties, with or without nulls and unknown enum members."""

from dataclasses import dataclass
from typing import Any

import orjson

from app.simulator.fiction.shapes import without_nulls
from app.simulator.graph.enums import hide_unknown


@dataclass(frozen=True, slots=True)
class Form:
    """How a client wants what it reads."""

    omit_nulls: bool
    unknown_members: bool
    select: frozenset[str] | None = None
    drop: frozenset[str] = frozenset()

    def shape(self, part: bytes, *, plain: bool) -> Any:
        """Untouched bytes wherever the form allows: most reading is that."""
        changes = self.omit_nulls or self.hides(plain) or self.select or self.drop
        return self.read(part, plain=plain) if changes else orjson.Fragment(part)

    def read(self, part: bytes, *, plain: bool) -> dict[str, Any]:
        value: dict[str, Any] = {key: inner for key, inner in orjson.loads(part).items() if self.wants(key)}
        value = hide_unknown(value) if self.hides(plain) else value
        return without_nulls(value) if self.omit_nulls else value

    def hides(self, plain: bool) -> bool:  # noqa: FBT001 -- it is the record's own word
        return not (self.unknown_members or plain)

    def wants(self, key: str) -> bool:
        return key not in self.drop and (self.select is None or key in self.select or key == "id")
