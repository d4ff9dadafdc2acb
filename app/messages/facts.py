"""Everything a send depends on, read fresh for a batch of messages in a few statements.

Reads only. What it returns is plain enough that `truth` can judge it without a database.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, tuple_
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from app import customers
from app.channels import ChannelName
from app.customers.snapshot import Snapshot
from app.law import Purpose
from app.messages.attention import Attention, attention
from app.models import ConsentEntry, Flow, Identity, Journey, Message, Offer, Product, Store
from app.models.rows import among
from app.stores.settings import StoreSettings, read_settings
from app.tenancy import store_of

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


def load_facts(session: Session, messages: Sequence[Message], now: datetime) -> list[Facts]:
    """The facts of each message, in the order given."""
    store = session.scalars(select(Store).where(Store.store_id == store_of(session))).one()
    settings = read_settings(store.settings)
    people = {message.customer_id for message in messages}
    snapshots = customers.load_snapshots(session, list(people), now)
    asked = attention(session, people, now)
    identities = _identities(session, people)
    named = _named_purposes(session, people)
    categories = _categories(session, snapshots.values())
    journeys = _journeys(session, {message.journey_id for message in messages})
    offers = _offers(session, messages)
    return [
        Facts(
            message=message,
            journey=journeys[message.journey_id][0],
            flow=journeys[message.journey_id][1],
            store=store,
            settings=settings,
            snapshot=snapshots.get(message.customer_id),
            asked=asked[message.customer_id].without(message.message_id),
            offer=offers.get((message.journey_id, message.context.get("offer"))),
            identities=identities.get(message.customer_id, ()),
            named_purposes=named.get((message.customer_id, message.channel))
            or _named_by_all(settings, message.channel),
            categories=categories,
        )
        for message in messages
    ]


def _journeys(
    session: Session, journey_ids: Collection[UUID]
) -> Mapping[UUID, tuple[Journey, Flow]]:
    rows = session.execute(
        select(Journey, Flow)
        .join(Flow, (Flow.store_id == Journey.store_id) & (Flow.flow_id == Journey.flow_id))
        .where(Journey.store_id == store_of(session), among(Journey.journey_id, journey_ids))
        .execution_options(populate_existing=True)
    )
    return {journey.journey_id: (journey, flow) for journey, flow in rows}


def _offers(
    session: Session, messages: Sequence[Message]
) -> Mapping[tuple[UUID, str | None], Offer]:
    wanted = [(m.journey_id, m.context["offer"]) for m in messages if m.context.get("offer")]
    if not wanted:
        return {}
    rows = session.scalars(
        select(Offer)
        .where(
            Offer.store_id == store_of(session),
            tuple_(Offer.journey_id, Offer.name).in_(wanted),
        )
        .execution_options(populate_existing=True)
    )
    return {(offer.journey_id, offer.name): offer for offer in rows}


def _identities(session: Session, people: Collection[UUID]) -> Mapping[UUID, Identities]:
    found: dict[UUID, Identities] = {}
    rows = session.execute(
        select(Identity.customer_id, Identity.kind, Identity.value)
        .where(Identity.store_id == store_of(session), among(Identity.customer_id, people))
        .order_by(Identity.kind, Identity.value)
    )
    for customer_id, kind, value in rows:
        found[customer_id] = (*found.get(customer_id, ()), (kind, value))
    return found


def _named_purposes(
    session: Session, people: Collection[UUID]
) -> Mapping[tuple[UUID, str], frozenset[Purpose]]:
    """From the latest choice on each channel: evidence such as `purposes: "cart win_back"`."""
    rows = session.execute(
        select(ConsentEntry.customer_id, ConsentEntry.channel, ConsentEntry.evidence)
        .ext(distinct_on(ConsentEntry.customer_id, ConsentEntry.channel))
        .where(ConsentEntry.store_id == store_of(session), among(ConsentEntry.customer_id, people))
        .order_by(ConsentEntry.customer_id, ConsentEntry.channel, ConsentEntry.occurred_at.desc())
    )
    known = {purpose.value for purpose in Purpose}
    return {
        (customer_id, channel): frozenset(
            Purpose(word) for word in str(evidence["purposes"]).split() if word in known
        )
        for customer_id, channel, evidence in rows
        if "purposes" in evidence
    }


def _named_by_all(settings: StoreSettings, channel: str) -> frozenset[Purpose] | None:
    """What the shop's one wording for texts names, where the choice itself did not keep it."""
    names = frozenset(settings.sms_consent_names)
    return names if names and channel == ChannelName.SMS else None


def _categories(session: Session, snapshots: Iterable[Snapshot]) -> Mapping[str, frozenset[str]]:
    products: set[str] = set()
    for person in snapshots:
        products.update(key for order in person.orders for key in order.product_keys)
        products.update(str(line.get("product_key")) for c in person.carts for line in c.lines)
    if not products:
        return {}
    rows = session.execute(
        select(Product.product_key, Product.categories).where(
            Product.store_id == store_of(session), among(Product.product_key, products)
        )
    )
    return {key: frozenset(names) for key, names in rows}
