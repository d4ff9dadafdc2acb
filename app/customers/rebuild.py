"""The state of a store told again from its event log alone.

Our own ids stay, because journeys, messages and credits hold on to them; every fact goes back to
the customer the log gives it to. What the log does not say of carts stays as well: what only time
did to them (expiry), and which acts we heard of as they happened. People who were erased are left
alone: all the log still has of them are orders without a name.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, select, true, update
from sqlalchemy.orm import Session

from app import clock
from app.customers import cart_life, log, orders, people
from app.customers.apply import BATCH, open_batch, take
from app.customers.batch import Batch
from app.customers.everybody import ask_for_a_walk
from app.models import Cart, Customer, Identity, LoggedFact, Order, OrderLine, Product, Refund
from app.models.base import Base
from app.models.rows import Row, keys_of, table_of
from app.tenancy import store_of


def rebuild(session: Session) -> int:
    """Forget the state and read the log again; how many facts it held."""
    now = clock.now()
    _forget(open_batch(session, now))
    read, last = 0, UUID(int=0)
    while rows := _next(session, last):
        batch = open_batch(session, now)
        batch.replay = True
        batch.told = [log.read(row) for row in rows]
        take(batch, ())
        read, last = read + len(rows), rows[-1].event_id
        session.expire_all()
    ask_for_a_walk(session, now)
    return read


def _next(session: Session, after: UUID) -> Sequence[LoggedFact]:
    return session.scalars(
        select(LoggedFact)
        .where(LoggedFact.store_id == store_of(session), LoggedFact.event_id > after)
        .order_by(LoggedFact.event_id)
        .limit(BATCH)
    ).all()


def _forget(batch: Batch) -> None:
    for model in (Identity, OrderLine, Refund, Product):
        batch.session.execute(
            delete(model).where(model.store_id == batch.store_id),
            execution_options={"synchronize_session": False},
        )
    nobody = UUID(int=0)
    person = people.blank(batch.store_id, nobody)
    _reset(batch, Customer, person, keep={"suppressed", "erased_at"})
    _reset(batch, Order, orders.blank(batch, ""), keep={"customer_id"})
    erased = select(Customer.customer_id).where(
        Customer.store_id == batch.store_id, Customer.erased_at.is_not(None)
    )
    _set(batch, Order, Order.customer_id.not_in(erased), customer_id=None)
    cart = cart_life.blank(batch.store_id, nobody, batch.currency)
    _reset(batch, Cart, cart, keep={"clocks"})
    expired, live = Cart.clocks["expired"], Cart.clocks["live"]
    clocks = func.jsonb_strip_nulls(func.jsonb_build_object("expired", expired, "live", live))
    _set(batch, Cart, true(), clocks=clocks)


def _reset(batch: Batch, model: type[Base], blank: Row, *, keep: set[str]) -> None:
    """Make every row as if nothing had been told of it; keys stay, and erased people do."""
    table = table_of(model)
    fields = [name for name in blank if name not in keep and name not in keys_of(table)]
    alive = table.c.erased_at.is_(None) if "erased_at" in table.columns else true()
    _set(batch, model, alive, **{name: blank[name] for name in fields})


def _set(batch: Batch, model: type[Base], where: ColumnElement[bool], **values: Any) -> None:
    table = table_of(model)
    batch.session.execute(
        update(table).where(table.c.store_id == batch.store_id, where).values(values)
    )
