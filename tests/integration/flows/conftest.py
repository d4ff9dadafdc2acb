"""One shop with people, and flows as files: the real database, a clock that stands still."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event, select, update
from sqlalchemy.orm import Session

from app import db, flows
from app.config import Config
from app.customers.changes import Change, ChangeKind
from app.events import FACTS, CustomerActed, Person
from app.models import (
    Cart,
    ConsentEntry,
    Customer,
    Decision,
    Flow,
    Journey,
    LoggedFact,
    Message,
    Offer,
    Order,
    OutboundCall,
    Store,
    Task,
    new_id,
)
from app.stores.connections import Connections
from app.tenancy import store_transaction
from tests.conftest import Clock

COPY = "{subject: Hello, body: Come back}"


@dataclass
class Shop:
    """The store of one test, and what can be done in it."""

    store_id: UUID
    clock: Clock
    connections: Connections

    def store(self, session: Session) -> Store:
        return session.scalars(select(Store).where(Store.store_id == self.store_id)).one()

    def has_flow(
        self, steps: str, *, slug: str = "test-flow", live: bool = True, **head: str
    ) -> None:
        """Keep a flow of these steps; `head` are further lines of the file."""
        lines = {
            "purpose": "service",
            "trigger": "{event: page_viewed}",
            "holdout": "0%",
            **head,
        }
        source = (
            f"flow: {slug}\nname: {{en: Test}}\nlanguages: [en]\n"
            + "".join(f"{name}: {value}\n" for name, value in lines.items())
            + f"steps:\n{steps}\n"
            + "messages:\n"
            + f"  hello: {{email: {{en: {COPY}}}, sms: {{en: {{text: Hello}}}}}}\n"
            + f"  again: {{email: {{en: {COPY}}}}}\n"
            + f"  tried: {{email: {{en: {COPY}, variants: {{short: {{en: {{subject: Hi}}}}}}}}}}\n"
        )
        with store_transaction(self.store_id) as session:
            flows.import_flow(session, self.store(session), source, self.clock())
            if live:
                flows.activate(session, self.store(session), slug, self.clock())

    def customer(self, name: str = "ana", **values: object) -> UUID:
        row: dict[str, Any] = {
            "store_id": self.store_id,
            "customer_id": new_id(),
            "email": f"{name}@example.com",
            "phone": None,
            "locale": "it",
            "country": "IT",
            "first_name": name.title(),
            "first_seen_at": self.clock() - timedelta(days=400),
            **values,
        }
        self._add(Customer(**row))
        agreed = ConsentEntry(
            store_id=self.store_id,
            entry_key=f"{name}-email-{row['customer_id']}",
            customer_id=row["customer_id"],
            channel="email",
            state="subscribed",
            source="form",
            occurred_at=self.clock() - timedelta(days=90),
        )
        self._add(agreed)
        return row["customer_id"]  # type: ignore[no-any-return]

    def cart(self, customer_id: UUID) -> UUID:
        now, cart_id = self.clock(), new_id()
        self._add(
            Cart(
                store_id=self.store_id,
                cart_id=cart_id,
                customer_id=customer_id,
                status="abandoned",
                currency="EUR",
                total_minor=5_000,
                lines=[{"line_key": "1", "product_key": "p", "title": "Tea", "quantity": 1}],
                started_at=now - timedelta(hours=2),
                changed_at=now - timedelta(hours=1),
                abandoned_at=now,
                source_updated_at=now,
            )
        )
        return cart_id

    def order(self, customer_id: UUID, key: str = "o-1") -> Change:
        """Ana buys: the row, and the change that says so."""
        now = self.clock()
        self._add(
            Order(
                store_id=self.store_id,
                order_key=key,
                number=key,
                customer_id=customer_id,
                status="paid",
                counts=True,
                currency="EUR",
                total_minor=5_000,
                placed_at=now,
                source_updated_at=now,
            )
        )
        return self.change(
            ChangeKind.ORDER_PLACED, customer_id, order_key=key, first=True, cart_ids=[]
        )

    def change(
        self, kind: ChangeKind, customer_id: UUID, *, live: bool = True, **values: object
    ) -> Change:
        return Change(
            kind=kind,
            customer_id=customer_id,
            occurred_at=self.clock(),
            live=live,
            values=values,
        )

    def act(
        self, customer_id: UUID, name: str = "page_viewed", key: str = "e-1", **values: object
    ) -> Change:
        """Ana does something: the line in the log, and the change that says so."""
        fact = CustomerActed(
            event_key=key, name=name, person=Person(email="x@example.com"), updated_at=self.clock()
        )
        self._add(
            LoggedFact(
                store_id=self.store_id,
                fact_key=f"{name}-{key}",
                customer_id=customer_id,
                kind=fact.kind,
                source="webhook",
                occurred_at=self.clock(),
                fact=FACTS.dump_python(fact, mode="json"),
            )
        )
        return self.change(ChangeKind.ACTED, customer_id, name=name, event_key=key, values=values)

    def fire(self, *changes: Change) -> None:
        with store_transaction(self.store_id) as session:
            flows.fire(session, self.store(session), changes, self.clock())

    def customers(self, count: int, **values: object) -> None:
        self._add(
            *(
                Customer(
                    store_id=self.store_id,
                    customer_id=new_id(),
                    email=f"many{n}@example.com",
                    first_seen_at=self.clock() - timedelta(days=400),
                    **values,
                )
                for n in range(count)
            )
        )

    def _change(self, model: type[Any], where: Any, **values: object) -> None:
        with store_transaction(self.store_id) as session:
            session.execute(
                update(model).where(model.store_id == self.store_id, where).values(**values)
            )

    def bought_at(self, customer_id: UUID, moment: datetime) -> None:
        self._change(Customer, Customer.customer_id == customer_id, last_order_at=moment)

    def counts(self, customer_id: UUID, orders: int) -> None:
        self._change(Customer, Customer.customer_id == customer_id, orders_count=orders)

    def mints_codes(self) -> None:
        self._change(Offer, Offer.status == "wanted", status="live", due_at=None)

    def leases_all(self, until: datetime) -> None:
        self._change(Journey, Journey.status == "active", lease_until=until)

    def breaks(self, journey_id: UUID) -> None:
        """A journey whose memory no program of ours could have written."""
        self._change(Journey, Journey.journey_id == journey_id, context={"began_at": "no date"})

    def flow_id(self, slug: str) -> UUID:
        (flow,) = self.all(Flow, slug=slug)
        return flow.flow_id  # type: ignore[no-any-return]

    def activates(self, slug: str, back: timedelta | None = None) -> int:
        with store_transaction(self.store_id) as session:
            return flows.activate(session, self.store(session), slug, self.clock(), back)

    def reached(self, slug: str, back: timedelta) -> int:
        with store_transaction(self.store_id) as session:
            return flows.reached(session, self.store(session), slug, back, self.clock())

    def pause(self, slug: str) -> None:
        with store_transaction(self.store_id) as session:
            flows.pause(session, self.store(session), slug)

    def ends_for(self, customer_id: UUID) -> None:
        with store_transaction(self.store_id) as session:
            flows.end_for(session, self.store(session), [customer_id], self.clock())

    def ends_all(self) -> None:
        with store_transaction(self.store_id) as session:
            flows.end_all(session, self.store(session), self.clock())

    def opts_out(self, customer_id: UUID) -> None:
        entry = ConsentEntry(
            store_id=self.store_id,
            entry_key=f"out-{customer_id}",
            customer_id=customer_id,
            channel="email",
            state="unsubscribed",
            source="link",
            occurred_at=self.clock(),
        )
        self._add(entry)

    def becomes(self, gone: UUID, kept: UUID) -> None:
        """What `customers` does to journeys when two rows turn out to be one person."""
        with store_transaction(self.store_id) as session:
            for journey in session.scalars(select(Journey).where(Journey.customer_id == gone)):
                journey.customer_id = kept

    def beside(self, store_id: UUID) -> "Shop":
        return Shop(store_id, self.clock, self.connections)

    def enter_due(self) -> int:
        with store_transaction(self.store_id) as session:
            return flows.enter_due(session, self.store(session), self.clock())

    def advance(self, limit: int = 200) -> int:
        return flows.advance_due(self.store_id, self.connections, limit)

    def advance_at(self, moment: datetime) -> int:
        self.clock.travel(moment)
        return self.advance()

    def all(self, model: type[Any], **match: object) -> list[Any]:
        with store_transaction(self.store_id) as session:
            statement = select(model).where(model.store_id == self.store_id)
            return list(session.scalars(statement.filter_by(**match)))

    def journeys(self, **match: object) -> list[Journey]:
        return sorted(self.all(Journey, **match), key=lambda j: (j.entered_at, j.entry_key))

    def messages(self, **match: object) -> list[Message]:
        return sorted(self.all(Message, **match), key=lambda m: (m.planned_at, m.due_at))

    def offers(self) -> list[Offer]:
        return self.all(Offer)

    def tasks(self) -> list[Task]:
        return self.all(Task)

    def calls(self) -> list[OutboundCall]:
        return self.all(OutboundCall)

    def reasons(self, **match: object) -> list[str]:
        with store_transaction(self.store_id) as session:
            return list(
                session.scalars(
                    select(Decision.reason)
                    .where(Decision.store_id == self.store_id)
                    .filter_by(**match)
                    .order_by(Decision.decision_id)
                )
            )

    def decision(self, reason: str) -> Mapping[str, Any]:
        """The values behind the only decision with this reason."""
        (found,) = self.all(Decision, reason=reason)
        return found.compared  # type: ignore[no-any-return]

    def _add(self, *rows: object) -> None:
        with store_transaction(self.store_id) as session:
            session.add_all(rows)


@pytest.fixture
def shop(store_id: UUID, clock: Clock, config: Config) -> Shop:
    return Shop(store_id, clock, Connections(config))


Counted = Callable[[Callable[[], object]], int]


@pytest.fixture
def statements() -> Counted:
    """How many statements a call sends to the database."""

    def count(call: Callable[[], object]) -> int:
        sent: list[str] = []

        def note(*arguments: Any) -> None:
            sent.append(arguments[2])

        event.listen(db.engine(), "before_cursor_execute", note)
        try:
            call()
        finally:
            event.remove(db.engine(), "before_cursor_execute", note)
        return len(sent)

    return count
