"""What a payload does not say and its reader must know."""

from dataclasses import dataclass
from datetime import datetime

from app.platforms import ShopFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """`received_at` stands in for the source's clock in the few bodies that carry none."""

    topic: str
    shop: ShopFacts
    received_at: datetime
