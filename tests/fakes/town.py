"""One store with one shopper and a flow, built from facts and rows: where messages are tested.

Rows the rooms above would write (flows, journeys) are written by hand; everything about people
goes in as facts, as it does in life.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from app import clock as app_clock
from app import customers
from app.channels import ChannelName
from app.config import Config
from app.customers.changes import Change, Incoming
from app.events import (
    CartSeen,
    ConsentChanged,
    ConsentChannel,
    ConsentState,
    CustomerFact,
    CustomerSeen,
    Line,
    OrderSeen,
    OrderStatus,
    Person,
)
from app.inbox import hear_out
from app.messages import PlanRequest, plan, send_due
from app.messages.work import HearOut
from app.models import (
    Cart,
    Customer,
    Decision,
    Flow,
    FlowVersion,
    Journey,
    Message,
    Offer,
    Store,
    new_id,
)
from app.offers import OfferSpec, want
from app.tenancy import store_transaction
from tests.conftest import Clock
from tests.fakes.channels import FakeChannel
from tests.fakes.shops import FakeConnections

FLOW = """
flow: cart-reminder
messages:
  reminder:
    email:
      it:
        subject: "{{ customer.first_name }}, il tuo carrello ti aspetta"
        body: "Hai lasciato {{ cart.first }}."
        button: Torna al carrello
        link: cart
        show: cart
      en:
        subject: "Your cart is waiting"
        body: "You left {{ cart.first }}."
        button: Back to the cart
        link: cart
    sms:
      it: { text: "Il carrello ti aspetta: {{ link }}", link: cart }
      en: { text: "Your cart is waiting: {{ link }}", link: cart }
    whatsapp:
      it:
        text: "Ciao, il carrello ti aspetta: {{ link }}"
        variables: ["{{ customer.first_name }}", "{{ link }}"]
        link: cart
  gift:
    email:
      it: { subject: "Un regalo", body: "Il codice e {{ offer.code }}." }
  thanks:
    email:
      it: { subject: "Grazie", body: "Grazie per l'ordine." }
      variants:
        short: { it: { subject: "Grazie mille" } }
    sms:
      it: { text: "Grazie, {{ customer.first_name }}!" }
  picks:
    email:
      it:
        subject: "Per te"
        body: >-
          {% for p in recommendations %}{{ p.title }} {{ p.price }};{% else %}niente{% endfor %}
        show: recommendations
  broken:
    email:
      it: { subject: "Oh", body: "{{ cart.nothing }}" }
"""

ANA = Person(
    platform_key="77",
    email="ana@example.com",
    phone="+393471234567",
    first_name="Ana",
    locale="it",
    country="IT",
)


def _neighbour(number: int) -> Person:
    return Person(
        platform_key=f"n{number}",
        email=f"n{number}@example.com",
        phone=f"+39347{1_000_000 + number}",
        first_name=f"N{number}",
        locale="it",
        country="IT",
    )


def _agreed(person: Person, channel: ConsentChannel, now: datetime) -> ConsentChanged:
    return ConsentChanged(
        person=person,
        channel=channel,
        state=ConsentState.SUBSCRIBED,
        source="shopify",
        updated_at=now - timedelta(days=60),
    )


@dataclass
class Town:
    """One store at 12:00 in Rome, `ana` a subscriber on every channel with an abandoned cart."""

    store_id: UUID
    clock: Clock
    config: Config
    connections: FakeConnections
    mail: FakeChannel
    phone: FakeChannel
    changes: list[Change] = field(default_factory=list)

    def tell(self, *facts: CustomerFact) -> list[Change]:
        with store_transaction(self.store_id) as session:
            incoming = [Incoming(fact=fact, source="webhook", live=True) for fact in facts]
            return customers.apply(session, incoming, app_clock.now(), keys=self.config.keys)

    def settle_in(self) -> None:
        self.tell(
            CustomerSeen(person=ANA, updated_at=self.clock.moment - timedelta(days=90)),
            *(_agreed(ANA, channel, self.clock.moment) for channel in ConsentChannel),
        )
        self.fill_cart()

    def neighbours(self, number: int) -> list[UUID]:
        """More people who have agreed to everything; each one's journey, all in one flow."""
        people = [_neighbour(each) for each in range(number)]
        for person in people:
            self.tell(
                CustomerSeen(person=person, updated_at=self.clock.moment),
                *(_agreed(person, channel, self.clock.moment) for channel in ConsentChannel),
            )
        with store_transaction(self.store_id) as session:
            known = {person.email for person in people}
            found = select(Customer.customer_id).where(Customer.email.in_(known))
            customer_ids = list(session.scalars(found.order_by(Customer.first_name)))
        return [self.journey("hello", customer_id=customer_id) for customer_id in customer_ids]

    def fill_cart(self) -> None:
        self.tell(
            CartSeen(
                cart_keys=("cart-1", "checkout-1"),
                person=ANA,
                currency="EUR",
                total_minor=4_200,
                lines=(
                    Line(
                        line_key="1",
                        product_key="p1",
                        variant_key="v1",
                        title="Timo",
                        quantity=2,
                        total_minor=4_200,
                    ),
                ),
                recovery_url="https://shop.example/recover/1",
                created_at=self.clock.moment - timedelta(hours=4),
                updated_at=self.clock.moment - timedelta(hours=3),
            )
        )
        with store_transaction(self.store_id) as session:
            session.execute(
                update(Cart)
                .where(Cart.store_id == self.store_id, Cart.status == "active")
                .values(status="abandoned", abandoned_at=self.clock.moment - timedelta(hours=2))
            )

    def order(self, **values: Any) -> OrderSeen:
        good: dict[str, Any] = {
            "order_key": "o-1",
            "number": "1001",
            "person": ANA,
            "status": OrderStatus.PAID,
            "currency": "EUR",
            "total_minor": 4_200,
            "placed_at": self.clock.moment,
            "updated_at": self.clock.moment,
        }
        return OrderSeen(**good | values)

    @property
    def ana(self) -> UUID:
        with store_transaction(self.store_id) as session:
            return session.scalars(
                select(Customer.customer_id).where(Customer.email == ANA.email)
            ).one()

    def journey(self, slug: str = "cart-reminder", **values: Any) -> UUID:
        """Enter `ana` into a flow, which is made when it is not there yet."""
        customer_id = self.ana
        with store_transaction(self.store_id) as session:
            flow = session.scalars(select(Flow).where(Flow.slug == slug)).one_or_none()
            if flow is None:
                flow = Flow(store_id=self.store_id, slug=slug, status="active", version=1)
                session.add(flow)
                session.flush()
                session.add(
                    FlowVersion(
                        store_id=self.store_id, flow_id=flow.flow_id, version=1, source=FLOW
                    )
                )
                session.flush()
            good: dict[str, Any] = {
                "entry_key": str(new_id()),
                "arm": "treated",
                "entered_at": self.clock.moment - timedelta(hours=1),
                "customer_id": customer_id,
            }
            row = Journey(store_id=self.store_id, flow_id=flow.flow_id, version=1, **good | values)
            session.add(row)
            session.flush()
            return row.journey_id

    def cart_id(self) -> str:
        with store_transaction(self.store_id) as session:
            return str(session.scalars(select(Cart.cart_id)).one())

    def plan(self, journey_id: UUID | None = None, **values: Any) -> UUID:
        """Plan a cart reminder by e-mail, due now; by keyword anything else."""
        journey_id = journey_id or self.journey()
        good: dict[str, Any] = {
            "step": "first",
            "channel": ChannelName.EMAIL,
            "name": "reminder",
            "purpose": "cart",
            "commercial": True,
            "due_at": self.clock.moment,
            "context": {"cart_id": self.cart_id()},
        }
        with store_transaction(self.store_id) as session:
            journey = session.get_one(Journey, (self.store_id, journey_id))
            return plan(session, journey, PlanRequest(**good | values), self.clock.moment)

    def want(self, journey_id: UUID, **values: Any) -> Offer:
        good: dict[str, Any] = {
            "name": "gift",
            "percent": 10,
            "expires_at": self.clock.moment + timedelta(days=3),
        }
        with store_transaction(self.store_id) as session:
            journey = session.get_one(Journey, (self.store_id, journey_id))
            return want(session, journey, OfferSpec(**good | values), self.clock.moment)

    def send(self, limit: int = 50, hear: HearOut = hear_out) -> int:
        return send_due(self.store_id, self.connections, limit, self._hear, hear)

    def _hear(self, session: object, store: Store, changes: Any) -> None:
        self.changes.extend(changes)

    def message(self, message_id: UUID) -> Message:
        with store_transaction(self.store_id) as session:
            return session.get_one(Message, (self.store_id, message_id))

    def read_journey(self, journey_id: UUID) -> Journey:
        with store_transaction(self.store_id) as session:
            return session.get_one(Journey, (self.store_id, journey_id))

    def read_offer(self, offer_id: UUID) -> Offer:
        with store_transaction(self.store_id) as session:
            return session.get_one(Offer, (self.store_id, offer_id))

    def reasons(self, message_id: UUID) -> list[str]:
        """The reasons of all decisions about a message, oldest first."""
        with store_transaction(self.store_id) as session:
            return list(
                session.scalars(
                    select(Decision.reason)
                    .where(Decision.message_id == message_id)
                    .order_by(Decision.decided_at, Decision.decision_id)
                )
            )

    def choose(self, **settings: Any) -> None:
        """Change the store's settings."""
        with store_transaction(self.store_id) as session:
            store = session.get_one(Store, self.store_id)
            store.settings = {**store.settings, **settings}

    def consent(self, channel: str) -> str | None:
        with store_transaction(self.store_id) as session:
            person = customers.load_snapshots(session, [self.ana], app_clock.now())[self.ana]
            choice = person.consent.get(channel)
            return None if choice is None else choice.state

    def at(self, text: str) -> datetime:
        return self.clock.travel(datetime.fromisoformat(text))
