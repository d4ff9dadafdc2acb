"""What a sandboxed shop knows: plain records in the vendor's sense, money in minor units."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(slots=True)
class Consent:
    """One channel's choice; `state` in the API's capitals."""

    state: str = "NOT_SUBSCRIBED"
    level: str | None = None
    updated_at: datetime | None = None


@dataclass(slots=True)
class Customer:
    key: int
    created_at: datetime
    updated_at: datetime
    email: str | None = None
    phone: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    locale: str = "en"
    country: str | None = None
    region: str | None = None
    tags: list[str] = field(default_factory=list)
    consent: dict[str, Consent] = field(
        default_factory=lambda: {name: Consent() for name in ("email", "sms", "whatsapp")}
    )


@dataclass(slots=True)
class Segment:
    """`members` are keys of customers."""

    key: int
    name: str
    members: list[int] = field(default_factory=list)


@dataclass(slots=True)
class Product:
    """A product with one variant."""

    key: int
    variant_key: int
    title: str
    price_minor: int
    created_at: datetime
    updated_at: datetime
    kind: str = ""
    handle: str = ""
    stock: int | None = None
    oversells: bool = False
    active: bool = True

    @property
    def is_for_sale(self) -> bool:
        return self.oversells or self.stock is None or self.stock > 0


@dataclass(slots=True)
class Item:
    """A line of a cart or an order."""

    key: int
    product: Product
    quantity: int
    discount_minor: int = 0

    @property
    def total_minor(self) -> int:
        return self.product.price_minor * self.quantity - self.discount_minor


@dataclass(slots=True)
class Cart:
    """An Online Store cart, and the checkout it may grow into."""

    token: str
    created_at: datetime
    updated_at: datetime
    items: list[Item] = field(default_factory=list)
    checkout_token: str | None = None
    customer: Customer | None = None
    email: str | None = None
    phone: str | None = None
    started_at: datetime | None = None
    completed_at: datetime | None = None

    @property
    def total_minor(self) -> int:
        return sum(item.total_minor for item in self.items)


@dataclass(slots=True)
class Refund:
    key: int
    amount_minor: int
    at: datetime


@dataclass(slots=True)
class Order:
    key: int
    number: int
    created_at: datetime
    updated_at: datetime
    items: list[Item]
    total_minor: int
    customer: Customer | None = None
    email: str | None = None
    phone: str | None = None
    cart_token: str | None = None
    checkout_token: str | None = None
    code: str | None = None
    landing_site: str | None = None
    financial_status: str = "PAID"
    cancelled_at: datetime | None = None
    refunds: list[Refund] = field(default_factory=list)
    test: bool = False


@dataclass(slots=True)
class Discount:
    """A code. `percent` or `amount_minor`, or neither for free shipping."""

    key: int
    code: str
    title: str
    starts_at: datetime
    ends_at: datetime | None
    usage_limit: int | None
    percent: float | None = None
    amount_minor: int | None = None
    customers: set[int] = field(default_factory=set)
    once_each: bool = False
    used_by: list[int] = field(default_factory=list)


@dataclass(slots=True)
class Subscription:
    """A webhook subscription; `key` None is one of the app's own file."""

    topic: str
    uri: str
    fields: tuple[str, ...] = ()
    key: int | None = None


@dataclass(slots=True)
class Export:
    """A bulk operation: the file is written when it starts."""

    key: int
    lines: bytes
    roots: int
    ready_at: datetime
    status: str = "COMPLETED"
    error: str | None = None


class Declined(Exception):
    """What the shop tells a shopper who cannot do this, such as use a code twice."""
