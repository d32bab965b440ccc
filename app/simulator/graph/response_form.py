"""The form of a response that a client requests: selected properties, nulls, unknown enum members."""

from dataclasses import dataclass
from typing import Any

import orjson

from app.simulator.graph.enums import hide_unknown
from app.simulator.samples.shapes import without_nulls


@dataclass(frozen=True, slots=True)
class Form:
    omit_nulls: bool
    unknown_members: bool
    select: frozenset[str] | None = None
    drop: frozenset[str] = frozenset()

    def shape(self, part: bytes, *, plain: bool) -> Any:
        """The stored bytes unchanged if the form allows it, which is the most frequent case."""
        changes = self.omit_nulls or self.hides(plain) or self.select or self.drop
        return self.read(part, plain=plain) if changes else orjson.Fragment(part)

    def read(self, part: bytes, *, plain: bool) -> dict[str, Any]:
        value: dict[str, Any] = {key: inner for key, inner in orjson.loads(part).items() if self.wants(key)}
        value = hide_unknown(value) if self.hides(plain) else value
        return without_nulls(value) if self.omit_nulls else value

    def hides(self, plain: bool) -> bool:  # noqa: FBT001 -- the record's flag
        return not (self.unknown_members or plain)

    def wants(self, key: str) -> bool:
        return key not in self.drop and (self.select is None or key in self.select or key == "id")
