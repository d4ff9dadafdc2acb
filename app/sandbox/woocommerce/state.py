"""What a sandboxed WordPress site remembers. Plain records; the rules live beside them."""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from itertools import count
from secrets import token_hex
from zoneinfo import ZoneInfo

from app import clock


@dataclass(slots=True, kw_only=True)
class Settings:
    """What the merchant has set, and the software underneath."""

    title: str = "Erbe Buone"
    currency: str = "EUR"
    decimals: int = 2
    timezone: str = "America/Lima"
    country: str = "IT:BO"
    language: str = "it_IT"
    contact_email: str = "ciao@erbebuone.example"
    version: str = "9.9.5"
    manages_stock: bool = False


@dataclass(slots=True, kw_only=True)
class Product:
    id: int
    name: str
    price: Decimal
    stock: int = 100
    category: str = "Tutto"
    status: str = "publish"
    created: datetime
    modified: datetime


@dataclass(slots=True, kw_only=True)
class Customer:
    id: int
    email: str
    first_name: str
    last_name: str
    phone: str = ""
    country: str = ""
    role: str = "customer"
    meta: dict[str, str] = field(default_factory=dict)
    created: datetime
    modified: datetime


@dataclass(slots=True, kw_only=True)
class Item:
    id: int
    product: Product
    quantity: int
    subtotal: Decimal
    total: Decimal


@dataclass(slots=True, kw_only=True)
class Refund:
    id: int
    amount: Decimal


@dataclass(slots=True, kw_only=True)
class Order:
    id: int
    status: str
    created_via: str
    order_key: str
    customer_id: int = 0
    billing: dict[str, str]
    items: list[Item]
    coupon: str | None = None
    refunds: list[Refund] = field(default_factory=list)
    meta: dict[str, str] = field(default_factory=dict)
    created: datetime
    modified: datetime
    paid: datetime | None = None
    status_before_trash: str = ""

    @property
    def total(self) -> Decimal:
        return sum((item.total for item in self.items), Decimal(0))

    @property
    def discount(self) -> Decimal:
        return sum((item.subtotal - item.total for item in self.items), Decimal(0))


@dataclass(slots=True, kw_only=True)
class Coupon:
    id: int
    code: str
    discount_type: str = "fixed_cart"
    amount: str = "0"
    description: str = ""
    free_shipping: bool = False
    individual_use: bool = False
    usage_limit: int | None = None
    usage_limit_per_user: int | None = None
    email_restrictions: list[str] = field(default_factory=list)
    expires: datetime | None = None
    used_by: list[str] = field(default_factory=list)
    created: datetime


@dataclass(slots=True, kw_only=True)
class Key:
    consumer_key: str
    consumer_secret: str
    scope: str = "read_write"


@dataclass(slots=True, kw_only=True)
class Hook:
    id: int
    name: str
    topic: str
    url: str
    secret: str
    status: str = "active"
    failures: int = 0
    ping_due: bool = True


@dataclass(slots=True, kw_only=True)
class Event:
    """Waiting for delivery. `body` is given only for actions, which are frozen when they happen."""

    hook_id: int
    object_id: int
    body: bytes | None = None


@dataclass(slots=True)
class Site:
    """One WordPress site. Everything in it changes under the service's lock."""

    settings: Settings
    url: str = ""
    products: dict[int, Product] = field(default_factory=dict)
    customers: dict[int, Customer] = field(default_factory=dict)
    orders: dict[int, Order] = field(default_factory=dict)
    coupons: dict[int, Coupon] = field(default_factory=dict)
    hooks: dict[int, Hook] = field(default_factory=dict)
    keys: dict[str, Key] = field(default_factory=dict)
    queue: deque[Event] = field(default_factory=deque)
    owner_has_rights: bool = True
    _waiting: set[tuple[int, int]] = field(default_factory=set)
    _ids: Iterator[int] = field(default_factory=lambda: count(101))

    def next_id(self) -> int:
        return next(self._ids)

    def new_key(self, scope: str = "read_write") -> Key:
        key = Key(
            consumer_key=f"ck_{token_hex(20)}", consumer_secret=f"cs_{token_hex(20)}", scope=scope
        )
        self.keys[key.consumer_key] = key
        return key

    def emit(self, topic: str, object_id: int, body: bytes | None = None) -> None:
        """Queue an event for every active hook of its topic. A change of something that is queued
        already is merged into what waits: the body is read at delivery."""
        for hook in self.hooks.values():
            if hook.status != "active" or hook.topic != topic:
                continue
            if body is None and (hook.id, object_id) in self._waiting:
                continue
            self._waiting.add((hook.id, object_id))
            self.queue.append(Event(hook_id=hook.id, object_id=object_id, body=body))

    def next_event(self) -> Event:
        event = self.queue.popleft()
        self._waiting.discard((event.hook_id, event.object_id))
        return event

    def local(self, at: datetime) -> datetime:
        return at.astimezone(ZoneInfo(self.settings.timezone))


_moment: ContextVar[datetime | None] = ContextVar("moment", default=None)


def now() -> datetime:
    """WordPress counts whole seconds."""
    return (_moment.get() or clock.now()).replace(microsecond=0)


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Let what happens inside have happened then: for giving a shop its past."""
    token = _moment.set(moment)
    try:
        yield
    finally:
        _moment.reset(token)
