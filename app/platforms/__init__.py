"""Shop software. Each adapter turns one vendor's words into ours and back, and knows no other.

Two contracts: a `Platform` is pure (signatures and payloads), a `Shop` is one connected shop over
HTTP. A shop's refusal is a value or one of `errors`, never a vendor's exception.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from app.errors import AccessLost, Unreachable
from app.events import ConsentChannel, ConsentState, Fact, Line, OrderSeen, Person


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A webhook request as it arrived. Header names are lower case."""

    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """A delivery whose signature holds. `webhook_key` is what makes a repeat recognisable."""

    topic: str
    webhook_key: str
    triggered_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopFacts:
    """What a payload does not say and its reader must know."""

    currency: str
    timezone: str
    domain: str


class Reader(Protocol):
    """Who understands what is told under a signature: no network, no clock, no database."""

    name: str

    def verify(self, delivery: Delivery, secrets: Sequence[str]) -> Verified:
        """Prove the raw bytes against any of `secrets`. Raises BadSignature."""
        ...

    def normalise(
        self, topic: str, body: bytes, shop: ShopFacts, received_at: datetime
    ) -> list[Fact]:
        """The facts in a verified body; none for a topic we do not use. Raises MalformedPayload."""
        ...


class Platform(Reader, Protocol):
    """The pure half of a shop software. `order_topic` tells of each new order."""

    order_topic: str
    keeps_segments: bool
    """Whether its shops have segments of their own that can be read."""


class Resource(StrEnum):
    """What a backfill reads, in this order: people first, so that orders find them."""

    PRODUCTS = "products"
    CUSTOMERS = "customers"
    ORDERS = "orders"


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One bounded piece of a backfill. `cursor` None: finished. `wait_seconds`: ask again then."""

    facts: Sequence[Fact]
    cursor: str | None
    done: int
    total: int | None
    wait_seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopProfile:
    """Who the shop is, asked live when it is connected."""

    name: str
    domain: str
    currency: str
    timezone: str
    country: str | None
    locale: str
    contact_email: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeRequest:
    """A single-use discount for one person. `percent` or `amount_minor`, never both; neither: free
    shipping."""

    code: str
    title: str
    percent: int | None
    amount_minor: int | None
    currency: str
    starts_at: datetime
    expires_at: datetime
    platform_customer_key: str | None


@dataclass(frozen=True, slots=True)
class CodeCreated:
    platform_key: str


@dataclass(frozen=True, slots=True)
class CodeRefused:
    """The shop will not make this code. `reason` is the shop's sentence, for the merchant."""

    reason: str
    taken: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class HookReport:
    """What `register_webhooks` found and did, by topic."""

    created: tuple[str, ...]
    kept: tuple[str, ...]
    repaired: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Has this person ordered at or after `since`? `people` are they, under each address alone."""

    people: Sequence[Person]
    cart_keys: Sequence[str]
    since: datetime


@dataclass(frozen=True, slots=True)
class SegmentSeen:
    """A segment that the shop itself has."""

    key: str
    name: str


@dataclass(frozen=True, slots=True)
class Members:
    """A page of the keys of the customers in a segment. `cursor` None: there are no more."""

    keys: Sequence[str]
    cursor: str | None


Found = Sequence[OrderSeen] | Unreachable | AccessLost
"""The answer to one question: an error is never "no orders", nor the answer to another's."""


class Shop(Protocol):
    """One connected shop. Every call has a timeout and raises Unreachable or AccessLost.

    `together` is how many people the shop is best asked about in one `find_orders`.
    """

    together: int

    def describe(self) -> ShopProfile: ...

    def find_orders(self, questions: Sequence[Question]) -> list[Found]:
        """The truth check's live half: each question's orders by any identity, or its error, in
        the order given. Raises neither Unreachable nor AccessLost: each question has its own."""
        ...

    def read(self, resource: Resource, cursor: str | None, since: datetime | None = None) -> Page:
        """The next piece of a backfill (`since` None) or of a catch-up by `updated_at`."""
        ...

    def create_code(self, request: CodeRequest) -> CodeCreated | CodeRefused:
        """Make a discount code. Repeating an identical request gives the same code."""
        ...

    def revoke_code(self, platform_key: str) -> None:
        """Make a code unusable. One that is gone already is a success."""
        ...

    def write_consent(
        self, person: Person, channel: ConsentChannel, state: ConsentState, at: datetime
    ) -> bool:
        """Write a choice back to the shop. False when the shop has nowhere to keep it."""
        ...

    def tag_customer(self, platform_key: str, tag: str) -> None: ...

    def register_webhooks(self, url: str, secret: str) -> HookReport:
        """Make the shop call `url`; create what is missing, re-create what is disabled."""
        ...

    def segments(self) -> Sequence[SegmentSeen]:
        """The shop's own segments; none where it has no such thing."""
        ...

    def members(self, segment_key: str, cursor: str | None) -> Members | None:
        """The next page of who is in one of them; None for one that the shop has no more."""
        ...

    def cart_link(self, lines: Sequence[Line], code: str | None) -> str | None:
        """An address that rebuilds these lines on any device; None when the shop cannot."""
        ...
