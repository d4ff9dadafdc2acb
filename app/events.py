"""Facts in our own words: what platforms, imports and people tell us, after normalising.

A fact is immutable, carries its source's clock, and is appended to the event log; applying the log
in any order, with repeats, gives the same state (`customers.apply`). Nothing here knows which shop
software spoke.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Discriminator, TypeAdapter


class OrderStatus(StrEnum):
    """PENDING: placed, not paid. PAID: counts as a purchase. The other two undo one."""

    PENDING = "pending"
    PAID = "paid"
    CANCELLED = "cancelled"
    REFUNDED = "refunded"


class ConsentChannel(StrEnum):
    EMAIL = "email"
    SMS = "sms"
    WHATSAPP = "whatsapp"


class ConsentState(StrEnum):
    SUBSCRIBED = "subscribed"
    PENDING = "pending"
    UNSUBSCRIBED = "unsubscribed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """How a source names a person. At least one of key, email, phone, or the cart's own keys."""

    platform_key: str | None = None
    email: str | None = None
    phone: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    locale: str | None = None
    country: str | None = None
    region: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One product in an order or a cart. Money is integer minor units of the parent's currency."""

    line_key: str
    product_key: str | None
    variant_key: str | None = None
    title: str
    quantity: int
    total_minor: int
    url: str | None = None
    image_url: str | None = None


ALL_REFUNDS = "all"
"""The key under which a source that does not tell refunds apart gives the sum of them all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund:
    refund_key: str
    amount_minor: int
    refunded_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerSeen:
    """A customer record as the source has it at `updated_at` (the source's clock)."""

    kind: Literal["customer_seen"] = "customer_seen"
    person: Person
    created_at: datetime | None = None
    updated_at: datetime
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerDeleted:
    kind: Literal["customer_deleted"] = "customer_deleted"
    platform_key: str
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderSeen:
    """An order's state at `updated_at`. `cart_keys` are all cart and checkout tokens on it."""

    kind: Literal["order_seen"] = "order_seen"
    order_key: str
    number: str
    person: Person
    status: OrderStatus
    currency: str
    total_minor: int
    lines: tuple[Line, ...] = ()
    refunds: tuple[Refund, ...] = ()
    discount_codes: tuple[str, ...] = ()
    cart_keys: tuple[str, ...] = ()
    utm: Mapping[str, str] = field(default_factory=dict)
    placed_at: datetime
    updated_at: datetime
    cancelled_at: datetime | None = None
    test: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderDeleted:
    kind: Literal["order_deleted"] = "order_deleted"
    order_key: str
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundSeen:
    """A refund told apart from its order. Equal to the same refund inside an OrderSeen."""

    kind: Literal["refund_seen"] = "refund_seen"
    order_key: str
    refund: Refund
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CartSeen:
    """A cart's or checkout's whole state. `cart_keys` are all tokens it is known by, best first.

    `completed` is set when the source says that it became an order. No lines: it was emptied.
    """

    kind: Literal["cart_seen"] = "cart_seen"
    cart_keys: tuple[str, ...]
    person: Person
    currency: str | None = None
    total_minor: int = 0
    lines: tuple[Line, ...] = ()
    recovery_url: str | None = None
    completed: bool = False
    created_at: datetime | None = None
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductSeen:
    kind: Literal["product_seen"] = "product_seen"
    product_key: str
    title: str
    url: str | None = None
    image_url: str | None = None
    price_minor: int | None = None
    currency: str | None = None
    available: bool = True
    categories: tuple[str, ...] = ()
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductDeleted:
    kind: Literal["product_deleted"] = "product_deleted"
    product_key: str
    updated_at: datetime


CONFIRMED_OPT_IN = "confirmed_opt_in"
"""The `level` of an opt-in that the address itself has confirmed: by a link, or by its own text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentChanged:
    """A choice about one channel, with where it was made. Goes to the ledger, never over it."""

    kind: Literal["consent_changed"] = "consent_changed"
    person: Person
    channel: ConsentChannel
    state: ConsentState
    source: str
    level: str | None = None
    evidence: Mapping[str, str] = field(default_factory=dict)
    updated_at: datetime


TOLD_BY_ID = "act:"
"""How the `event_key` of an act begins whose sender gave it an id of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerActed:
    """Anything else a person did: `score_given`, `page_viewed`, `link_clicked`, `tag_added`.

    `event_key` makes a repeat recognisable, alone if it begins with `TOLD_BY_ID`. `values` are flat
    and small.
    """

    kind: Literal["customer_acted"] = "customer_acted"
    event_key: str
    name: str
    person: Person
    values: Mapping[str, str | int | float | bool] = field(default_factory=dict)
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasureRequested:
    """The platform tells us to forget a person (GDPR). Acted on, see `customers.erase`."""

    kind: Literal["erasure_requested"] = "erasure_requested"
    person: Person
    order_keys: tuple[str, ...] = ()
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DataRequested:
    """A person asks for their data; the merchant must receive it."""

    kind: Literal["data_requested"] = "data_requested"
    request_key: str
    person: Person
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreUninstalled:
    kind: Literal["store_uninstalled"] = "store_uninstalled"
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreErasureRequested:
    """48 hours after an uninstall. Ignored when the store has come back since."""

    kind: Literal["store_erasure_requested"] = "store_erasure_requested"
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreChanged:
    """The shop's own settings; None means the source did not say."""

    kind: Literal["store_changed"] = "store_changed"
    name: str | None = None
    currency: str | None = None
    timezone: str | None = None
    country: str | None = None
    locale: str | None = None
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class BackfillReady:
    """The shop finished a bulk export we had asked for."""

    kind: Literal["backfill_ready"] = "backfill_ready"
    operation_key: str
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeGone:
    """A discount code of this id can no longer be used at the shop, whoever saw to that."""

    kind: Literal["code_gone"] = "code_gone"
    code_key: str
    updated_at: datetime


CustomerFact = (
    CustomerSeen
    | CustomerDeleted
    | OrderSeen
    | OrderDeleted
    | RefundSeen
    | CartSeen
    | ProductSeen
    | ProductDeleted
    | ConsentChanged
    | CustomerActed
)
"""Facts that `customers.apply` turns into state and that the event log keeps."""

StoreFact = (
    StoreUninstalled
    | StoreErasureRequested
    | StoreChanged
    | ErasureRequested
    | DataRequested
    | BackfillReady
    | CodeGone
)
"""Facts about the connection itself; `stores` and `customers.erase` act on them."""

Fact = CustomerFact | StoreFact

FACTS: TypeAdapter[Fact] = TypeAdapter(Annotated[Fact, Discriminator("kind")])
"""Facts to JSON and back, for the event log and for replays."""
