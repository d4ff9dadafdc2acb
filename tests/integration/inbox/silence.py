"""People of whom nothing is heard, and the nights in which they are forgotten."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from app.config import Config
from app.events import CustomerActed, CustomerFact, Person
from app.inbox.forgetting import A_DAY, A_ROUND, forget_silent
from app.models import Customer
from app.tenancy import store_transaction
from tests.conftest import START
from tests.integration.customers.people import seen

ANA = Person(platform_key="7", email="ana@example.com", phone="+393471234567", country="IT")
LONG = timedelta(days=3 * 365 + 1)
MINUTES = LONG.total_seconds() / 60


def night(store_id: UUID, config: Config, a_day: int = A_DAY) -> None:
    """All rounds of one day."""
    for _ in range(0, a_day, A_ROUND):
        forget_silent(store_id, config, a_day)


def is_forgotten(store_id: UUID, customer_id: UUID) -> bool:
    with store_transaction(store_id) as session:
        return session.get_one(Customer, (store_id, customer_id)).erased_at is not None


def people(store_id: UUID) -> list[str | None]:
    with store_transaction(store_id) as session:
        living = select(Customer.email).where(Customer.erased_at.is_(None))
        return sorted(session.scalars(living), key=str)


def acts(name: str) -> Callable[[float], CustomerFact]:
    def fact(minutes: float) -> CustomerFact:
        at = START + timedelta(minutes=minutes)
        return CustomerActed(event_key="k", name=name, person=ANA, updated_at=at)

    return fact


def record(minutes: float) -> CustomerFact:
    return seen(minutes, platform_key="7", email="ana@example.com", first_name="Ana")
