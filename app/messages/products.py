"""Products as a message shows them, and what is recommended to one person."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

MOST = 3
"""More than this to choose from helps nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductShown:
    title: str
    url: str | None = None
    image_url: str | None = None
    price_minor: int | None = None
    currency: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recommendations:
    """`replenish`: what is due again, `discover`: what is new to the person, the best first."""

    replenish: Sequence[ProductShown] = ()
    discover: Sequence[ProductShown] = ()

    @property
    def together(self) -> Sequence[ProductShown]:
        """What is due first, and then what is new."""
        return (*self.replenish, *self.discover)[:MOST]


NOTHING = Recommendations()


class Listed(list[Any]):
    """A list for copy to loop over, whose parts have names: `recommendations.discover`."""

    def __init__(self, items: Sequence[Any], **parts: Sequence[Any]) -> None:
        super().__init__(items)
        self._parts = parts

    def __getitem__(self, key: Any) -> Any:
        return self._parts[key] if isinstance(key, str) else super().__getitem__(key)
