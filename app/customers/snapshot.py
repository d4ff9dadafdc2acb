"""Everything decisions, conditions and templates may know about one person, as plain values.

Loaded in batches by `customers.load_snapshots`; holds no session, so the pure core can take it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

REMEMBERED_ORDERS = 50
REMEMBERED_TIME = timedelta(days=365)
"""How far back acts are known."""
USED_WITHIN = timedelta(days=30)
"""How long ago a feature was used that somebody uses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentNow:
    """The latest choice about one channel. `state` is a `ConsentState`.

    `confirmed`: since the last refusal the address itself has confirmed the opt-in.
    """

    state: str
    since: datetime
    source: str
    confirmed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CartNow:
    """A cart as it stands. `lines` are `events.Line` as dictionaries."""

    cart_id: UUID
    status: str
    currency: str
    total_minor: int
    lines: tuple[Mapping[str, Any], ...]
    recovery_url: str | None
    started_at: datetime
    changed_at: datetime
    abandoned_at: datetime | None
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderNow:
    """A purchase. Only orders that count (paid, not a test, not deleted) become one."""

    order_key: str
    number: str
    placed_at: datetime
    status: str
    currency: str
    total_minor: int
    refunded_minor: int
    cart_keys: tuple[str, ...]
    discount_codes: tuple[str, ...]
    product_keys: tuple[str, ...]
    titles: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """One person of one store at one moment. Money is minor units of `currency`, the store's."""

    store_id: UUID
    customer_id: UUID
    taken_at: datetime
    currency: str
    platform_key: str | None = None
    email: str | None = None
    phone: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    locale: str
    country: str | None = None
    region: str | None = None
    tags: tuple[str, ...] = ()
    orders_count: int = 0
    spent_minor: int = 0
    first_order_at: datetime | None = None
    last_order_at: datetime | None = None
    last_active_at: datetime | None = None
    first_seen_at: datetime
    score: int | None = None
    score_at: datetime | None = None
    recency: int | None = None
    frequency: int | None = None
    money: int | None = None
    """Grades from 1 to 5, of those who have bought (`customers.standing`)."""
    rfm_group: str | None = None
    inactivity: str | None = None
    stage: str | None = None
    will_buy: Decimal | None = None
    """In percent, with the three below: what was predicted last night (`customers.predictions`)."""
    expected_orders: Decimal | None = None
    expected_value_minor: int | None = None
    cluster: str | None = None
    lead_score: int | None = None
    lead_tier: str | None = None
    signals: Sequence[str] | None = None
    risk_level: str | None = None
    """The signs of leaving that are there, and the highest level of theirs."""
    erased: bool = False
    consent: Mapping[str, ConsentNow] = field(default_factory=dict)
    suppressed: Mapping[str, str] = field(default_factory=dict)
    """Channel to the reason why nothing may be sent there."""
    carts: tuple[CartNow, ...] = ()
    """Open carts (active or abandoned), newest change first."""
    orders: tuple[OrderNow, ...] = ()
    """The latest fifty purchases, newest first."""
    categories: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Of the products in them by key, as the shop has them today; those without are left out."""
    events: Mapping[str, tuple[datetime, ...]] = field(default_factory=dict)
    """Name of a `CustomerActed` (link_clicked, ...) to its moments in the last year."""
    features: tuple[str, ...] = ()
    """What they used of a service in the last thirty days, each feature once."""
    holds_promotions: bool = False
    """An open task asks that nothing promotional be sent (C7)."""
    low_score: int = 5
    """The store's own line: a score up to it is a low one."""
    connected: frozenset[str] = frozenset()
    """Channels for which the store has a provider that works."""
    whatsapp_templates: frozenset[str] = frozenset()
    """Names of the messages with an approved template, by the store's settings."""
    segments: Mapping[str, str] = field(default_factory=dict)
    """The store's segments: short name to the condition as it was written."""

    shop_segments: frozenset[str] = frozenset()
    """Keys of the shop's own segments they are in, of those that we read."""

    def still_bought(self, order_key: str) -> bool:
        """Whether this purchase is still one: not cancelled, deleted or paid back as a whole.

        One that may be older than those we remember is taken to be.
        """
        order = next((order for order in self.orders if order.order_key == order_key), None)
        if order is None:
            return len(self.orders) >= REMEMBERED_ORDERS
        return order.total_minor == 0 or order.refunded_minor < order.total_minor
