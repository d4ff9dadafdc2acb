"""What goes into `apply` and what comes out: facts with their source, changes with their moment."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from app.events import CustomerFact


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """A fact on its way in. `live` is False for a backfill, an import, and what is too old to
    begin anything: the state learns it all the same."""

    fact: CustomerFact
    source: str
    live: bool


class ChangeKind(StrEnum):
    ORDER_PLACED = "order_placed"
    ORDER_CHANGED = "order_changed"
    CART_CHANGED = "cart_changed"
    CART_ABANDONED = "cart_abandoned"
    CART_ENDED = "cart_ended"
    CUSTOMER_CREATED = "customer_created"
    CUSTOMER_CHANGED = "customer_changed"
    CONSENT_CHANGED = "consent_changed"
    ACTED = "acted"
    MERGED = "merged"
    PRODUCT_CHANGED = "product_changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Something that is different now. `values` by kind:

    ORDER_PLACED order_key, first, cart_ids · ORDER_CHANGED order_key, status, counts ·
    CART_CHANGED cart_id, status · CART_ABANDONED cart_id, abandoned_at · CART_ENDED cart_id,
    status, order_key · CONSENT_CHANGED channel, state · ACTED name, event_key, values ·
    MERGED gone_id · PRODUCT_CHANGED product_key.
    """

    kind: ChangeKind
    customer_id: UUID | None
    occurred_at: datetime
    live: bool
    values: Mapping[str, Any] = field(default_factory=dict)
