"""One person of the city, of whom it is known exactly what they must get."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from app.sandbox.town import Front, Resident
from app.sandbox.town.fronts import Sale

CHANNELS = ("email", "sms")
DEEDS = ("leaves", "leaves", "leaves", "buys", "buys", "returns", "returns", "refuses")
WANTED = {"leaves": ("cart",), "buys": ("order",), "returns": ("order",), "refuses": ()}


@dataclass(eq=False)
class Shopper:
    """They do one thing. Of `due` each must arrive once, by mail and by text; of reminders nothing
    may arrive after `shut_at`: the purchase, or the moment the app had the opt-out.

    `told`: when the app had taken the shop's word of the cart and of the order; without it nobody
    can be reminded or thanked. `hesitates`: they come back only when a scene lets them. `grace`
    False: nothing may cross this purchase, not even in a call.
    """

    who: Resident
    store_id: UUID
    front: Front
    deed: str
    visit: Any = None
    sale: Sale | None = None
    shut_at: datetime | None = None
    silent_until: datetime | None = None
    grace: bool = True
    hesitates: bool = False
    told: dict[str, datetime] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)

    @property
    def due(self) -> tuple[str, ...]:
        return tuple(kind for kind in WANTED[self.deed] if kind in self.told)

    @property
    def order(self) -> str | None:
        """What they have bought, as `store:key`; the two kinds of shop name their keys apart."""
        if self.sale is None:
            return None
        handle = self.sale.handle
        return f"{self.store_id}:{getattr(handle, 'key', None) or handle.id}"

    @property
    def untold(self) -> tuple[str, ...]:
        """What they would have got, had the shop's word reached us."""
        return tuple(kind for kind in WANTED[self.deed] if kind not in self.told)
