"""Everything a send depends on: what `gather` reads and `truth` judges, without a database."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.customers.snapshot import Snapshot
from app.law import Purpose
from app.messages.attention import Attention
from app.models import Flow, Journey, Message, Offer, Store
from app.stores.settings import StoreSettings

Identities = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """One message and all that is known about whether it should go.

    `snapshot` is None for a person who no longer exists. `identities` are all ways to recognise
    the person, as (kind, value). `offer` is the code the message is to show. `named_purposes` is
    what the opt-in for this channel named, None when its wording is not known. `categories` are
    the shop's, of the products in the person's carts and orders.
    """

    message: Message
    journey: Journey
    flow: Flow
    store: Store
    settings: StoreSettings
    snapshot: Snapshot | None
    asked: Attention
    offer: Offer | None = None
    identities: Identities = ()
    named_purposes: frozenset[Purpose] | None = None
    categories: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @property
    def cart_id(self) -> str | None:
        """The cart the message is about; flows put it into the context."""
        value = self.message.context.get("cart_id")
        return None if value is None else str(value)
