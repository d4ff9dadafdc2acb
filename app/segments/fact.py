"""What a fact of the condition language is."""

from dataclasses import dataclass

from app.segments.operators import Kind, Value
from app.segments.readings import Getter
from app.segments.tables import Column, Overlap


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """`get` gives None for what is not known. Neither `column` nor `overlap`: in memory only."""

    name: str
    kind: Kind
    says: str
    get: Getter
    column: Column | None = None
    overlap: Overlap | None = None
    choices: tuple[str, ...] = ()
    upper: bool = False
    """Kept in capitals, so that `it` in a condition means `IT`."""
    personal: bool = False
    """Names or addresses: a record says only whether there is one."""

    def spell(self, value: Value) -> Value:
        """`value` as this fact spells it."""
        if isinstance(value, tuple):
            return tuple(self.spell(item) for item in value)
        return value.upper() if self.upper and isinstance(value, str) else value
