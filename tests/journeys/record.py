"""What is on record about a person in one store, as the stories ask for it. Reads only."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import clock, customers
from app.models import (
    Cart,
    Credit,
    Customer,
    Decision,
    Flow,
    Identity,
    Journey,
    Message,
    Offer,
    Store,
    Task,
    Webhook,
)
from app.tenancy import store_transaction
from tests.journeys.people import Someone

T = TypeVar("T")


class Record:
    """The reading half of a shop in a story."""

    store_id: UUID

    def why(self, who: Someone, flow: str | None = None) -> list[str]:
        """The reasons of every decision about them, oldest first."""
        return [decision.reason for decision in self.decisions(who, flow)]

    def decisions(self, who: Someone, flow: str | None = None) -> Sequence[Decision]:
        def read(session: Session) -> Sequence[Decision]:
            statement = (
                select(Decision)
                .join(Flow, Flow.flow_id == Decision.flow_id)
                .where(Decision.customer_id.in_(self._ids(session, who)))
                .order_by(Decision.decided_at, Decision.decision_id)
            )
            if flow is not None:
                statement = statement.where(Flow.slug == flow)
            return session.scalars(statement).all()

        return self.read(read)

    def journeys(self, who: Someone, flow: str | None = None) -> Sequence[Journey]:
        def found(session: Session) -> Sequence[Journey]:
            statement = (
                select(Journey)
                .join(Flow, Flow.flow_id == Journey.flow_id)
                .where(Journey.customer_id.in_(self._ids(session, who)))
                .order_by(Journey.entered_at)
            )
            if flow is not None:
                statement = statement.where(Flow.slug == flow)
            return session.scalars(statement).all()

        return self.read(found)

    def journey(self, who: Someone, flow: str | None = None) -> Journey:
        """The only one."""
        (journey,) = self.journeys(who, flow)
        return journey

    def messages(self, who: Someone) -> Sequence[Message]:
        """Every message ever planned for them, in the order of planning."""
        return self.read(
            lambda session: session.scalars(
                select(Message)
                .where(Message.customer_id.in_(self._ids(session, who)))
                .order_by(Message.planned_at, Message.message_id)
            ).all()
        )

    def customer(self, who: Someone) -> Customer:
        """The one customer behind all their addresses."""

        def read(session: Session) -> Customer:
            (customer_id,) = self._ids(session, who)
            return session.get_one(Customer, (self.store_id, customer_id))

        return self.read(read)

    def consent(self, who: Someone, channel: str) -> str | None:
        """What the ledger says now."""

        def read(session: Session) -> str | None:
            ids = list(self._ids(session, who))
            people = customers.load_snapshots(session, ids, clock.now())
            states = [person.consent.get(channel) for person in people.values()]
            return next((state.state for state in states if state), None)

        return self.read(read)

    def carts(self, who: Someone) -> list[str]:
        """The states of their carts, oldest first."""
        return self.read(
            lambda session: list(
                session.scalars(
                    select(Cart.status)
                    .where(Cart.customer_id.in_(self._ids(session, who)))
                    .order_by(Cart.started_at)
                )
            )
        )

    def offers(self, who: Someone) -> Sequence[Offer]:
        return self.read(
            lambda session: session.scalars(
                select(Offer)
                .where(Offer.customer_id.in_(self._ids(session, who)))
                .order_by(Offer.created_at)
            ).all()
        )

    def tasks(self, who: Someone) -> Sequence[Task]:
        return self.read(
            lambda session: session.scalars(
                select(Task).where(Task.customer_id.in_(self._ids(session, who)))
            ).all()
        )

    def credits(self) -> Sequence[Credit]:
        return self.read(lambda session: session.scalars(select(Credit)).all())

    def count(self, table: Any, *conditions: Any) -> int:
        """How many rows of a table this store has."""
        counted = select(func.count()).select_from(table).where(*conditions)
        return self.read(lambda session: session.scalars(counted).one())

    def webhooks(self) -> dict[str, int]:
        """How many webhooks are in which state."""
        rows = select(Webhook.status, func.count()).group_by(Webhook.status)
        return self.read(lambda session: {row[0]: row[1] for row in session.execute(rows)})

    def store(self) -> Store:
        return self.read(lambda session: session.get_one(Store, self.store_id))

    def read(self, question: Callable[[Session], T]) -> T:
        with store_transaction(self.store_id) as session:
            return question(session)

    def _ids(self, session: Session, who: Someone) -> set[UUID]:
        """Whoever goes by any of their addresses."""
        values = [value for value in (who.email, who.work_email, who.phone) if value]
        named = session.scalars(select(Identity.customer_id).where(Identity.value.in_(values)))
        return set(named)

    def tell(self, who: Someone) -> str:
        """Their decisions, one a line: for the reader of a story that failed."""
        return "\n".join(
            f"{d.decided_at:%d %H:%M} {d.step} {d.outcome} {d.reason} {d.compared}"
            for d in self.decisions(who)
        )
