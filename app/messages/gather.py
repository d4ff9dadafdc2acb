"""Reading what a send depends on, fresh, for a batch of messages in a few statements."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, tuple_
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from app import customers
from app.channels import ChannelName
from app.customers.snapshot import Snapshot
from app.law import Purpose
from app.messages.attention import attention
from app.messages.facts import Facts, Identities
from app.models import ConsentEntry, Flow, Identity, Journey, Message, Offer, Product
from app.models.rows import STORE, listed, one_of
from app.stores.lifecycle import this_store
from app.stores.settings import StoreSettings, read_settings
from app.tenancy import store_of

_JOURNEYS = (
    select(Journey, Flow)
    .join(Flow, (Flow.store_id == Journey.store_id) & (Flow.flow_id == Journey.flow_id))
    .where(Journey.store_id == STORE, one_of(Journey.journey_id, "journeys"))
    .execution_options(populate_existing=True)
)
_IDENTITIES = (
    select(Identity.customer_id, Identity.kind, Identity.value)
    .where(Identity.store_id == STORE, one_of(Identity.customer_id, "people"))
    .order_by(Identity.kind, Identity.value)
)
_EVIDENCE = (
    select(ConsentEntry.customer_id, ConsentEntry.channel, ConsentEntry.evidence)
    .ext(distinct_on(ConsentEntry.customer_id, ConsentEntry.channel))
    .where(ConsentEntry.store_id == STORE, one_of(ConsentEntry.customer_id, "people"))
    .order_by(ConsentEntry.customer_id, ConsentEntry.channel, ConsentEntry.occurred_at.desc())
)
_CATEGORIES = select(Product.product_key, Product.categories).where(
    Product.store_id == STORE, one_of(Product.product_key, "products")
)


def load_facts(session: Session, messages: Sequence[Message], now: datetime) -> list[Facts]:
    """The facts of each message, in the order given."""
    store = this_store(session)
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
    asked = {"store": store_of(session), "journeys": listed(journey_ids)}
    rows = session.execute(_JOURNEYS, asked)
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
    rows = session.execute(_IDENTITIES, {"store": store_of(session), "people": listed(people)})
    for customer_id, kind, value in rows:
        found[customer_id] = (*found.get(customer_id, ()), (kind, value))
    return found


def _named_purposes(
    session: Session, people: Collection[UUID]
) -> Mapping[tuple[UUID, str], frozenset[Purpose]]:
    """From the latest choice on each channel: evidence such as `purposes: "cart win_back"`."""
    rows = session.execute(_EVIDENCE, {"store": store_of(session), "people": listed(people)})
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
    asked = {"store": store_of(session), "products": listed(products)}
    rows = session.execute(_CATEGORIES, asked)
    return {key: frozenset(names) for key, names in rows}
