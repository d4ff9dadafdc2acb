"""Finding the person somebody means: by our id, an address, or the shop's key."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.customers.addresses import normal_email, normal_phone
from app.customers.facts import Node
from app.events import Person
from app.models import Customer, Identity, Merge, Order
from app.models.rows import among
from app.tenancy import store_of


def find_customer(session: Session, text: str) -> Customer | None:
    """The customer with this id, e-mail, international number or platform key."""
    by_id = _by_id(session, text)
    if by_id is not None:
        return by_id
    phone = normal_phone(text, None)
    names = [("email", normal_email(text)), ("platform", text.strip()), ("phone", phone)]
    found = [_by_name(session, kind, value) for kind, value in names if value]
    return next((customer for customer in found if customer is not None), None)


def _by_id(session: Session, text: str) -> Customer | None:
    try:
        customer_id = UUID(text.strip())
    except ValueError:
        return None
    store_id = store_of(session)
    customer = session.get(Customer, (store_id, customer_id))
    if customer is None and (merge := session.get(Merge, (store_id, customer_id))) is not None:
        customer = session.get(Customer, (store_id, merge.kept_id))
    return customer


def _by_name(session: Session, kind: str, value: str) -> Customer | None:
    return session.scalars(
        select(Customer)
        .join(
            Identity,
            (Identity.store_id == Customer.store_id)
            & (Identity.customer_id == Customer.customer_id),
        )
        .where(
            Customer.store_id == store_of(session), Identity.kind == kind, Identity.value == value
        )
    ).one_or_none()


def find_people(session: Session, person: Person, order_keys: Sequence[str]) -> list[Customer]:
    """Everybody whom a source means by `person` or by these orders, each once.

    The number counts only when nothing else is given: others may have it too.
    """
    email = normal_email(person.email)
    names = [("platform", person.platform_key), ("email", email)]
    given: list[Node] = [(kind, value) for kind, value in names if value]
    if not given and (phone := normal_phone(person.phone, person.country)):
        given = [("phone", phone)]
    found = [_by_name(session, kind, value) for kind, value in given]
    store_id = store_of(session)
    bought = select(Order.customer_id).where(
        Order.store_id == store_id, among(Order.order_key, order_keys)
    )
    found += session.scalars(
        select(Customer).where(Customer.store_id == store_id, Customer.customer_id.in_(bought))
    )
    people = {customer.customer_id: customer for customer in found if customer is not None}
    return [people[customer_id] for customer_id in sorted(people)]
