"""Forgetting a person (GDPR, article 17): here, at once, and so that nothing brings them back.

The row stays, empty, so that the store's accounts add up: orders are kept without a name, also in
the event log. Keyed hashes of their addresses stay (`tombstones`), so that no webhook, import or
backfill makes them known again. A number that somebody else has too is theirs to keep.

It must never ask a provider: it returns the addresses that providers must forget.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Text,
    and_,
    bindparam,
    delete,
    false,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session

from app.customers import log, people, refusals, returning, tombstones, traces
from app.customers.apply import open_batch
from app.customers.batch import Batch
from app.customers.changes import Incoming
from app.customers.facts import Told, moment, tell
from app.events import OrderDeleted, OrderSeen, RefundSeen
from app.models import (
    Cart,
    CartKey,
    Customer,
    Draw,
    Identity,
    LoggedFact,
    Order,
    Prediction,
    ShopMember,
    Standing,
    StandingChange,
)
from app.models.base import Base
from app.models.rows import among, put, table_of

_KEPT_FACTS = (OrderSeen, OrderDeleted, RefundSeen)
_KEPT_FIELDS = ("orders_count", "spent_minor", "first_order_at", "last_order_at", "first_seen_at")


def erase_customer(
    session: Session,
    customer: Customer,
    *,
    keys: Sequence[str],
    now: datetime,
    silent: bool = False,
) -> list[str]:
    """Forget this person; the addresses that the providers must forget as well.

    `silent`: nobody asked for it, they were not heard of for long. Then they may come back by what
    they do, unless they had refused; and raw webhooks that name them are left to their own end,
    because finding them takes reading all there are, for seconds, with the store held up.
    """
    batch, customer_id = open_batch(session, now), customer.customer_id
    if customer.erased_at is not None:
        return []
    names = _names(batch, customer)
    facts = log.told_of(batch, [customer_id])
    anonymous = _anonymous(batch, customer_id)
    may_return = silent and not refusals.has_refused(session, customer_id)
    refusals.keep(batch, customer_id, names["phone"], keys)
    tombstones.bury(session, names, keys, now, may_return=may_return)
    _delete(batch, LoggedFact, or_(LoggedFact.customer_id == customer_id, anonymous))
    _put_back_nameless(batch, customer_id, facts)
    needles = _needles(names, facts)
    traces.forget(batch, customer_id, needles)
    if not silent:
        traces.forget_webhooks(batch, needles, names["platform"])
    _forget_orders(batch, customer_id)
    for model in (Cart, Draw, Identity, Prediction, ShopMember, Standing, StandingChange):
        _delete(batch, model, model.customer_id == customer_id)
    _empty_row(batch, customer)
    session.flush()
    session.expire_all()
    return sorted({*names["email"], *names["phone"]})


def _names(batch: Batch, customer: Customer) -> dict[str, list[str]]:
    """Everything the person goes by, except a number that is somebody else's as well."""
    names: dict[str, set[str]] = {"email": set(), "phone": set(), "platform": set()}
    rows = batch.session.execute(
        select(Identity.kind, Identity.value).where(
            Identity.store_id == batch.store_id, Identity.customer_id == customer.customer_id
        )
    )
    for kind, value in rows:
        names[kind].add(value)
    own = (
        ("email", customer.email),
        ("phone", customer.phone),
        ("platform", customer.platform_key),
    )
    for kind, known in own:
        if known:
            names[kind].add(known)
    shared = batch.session.scalars(
        select(Customer.phone).where(
            Customer.store_id == batch.store_id,
            among(Customer.phone, names["phone"]),
            Customer.customer_id != customer.customer_id,
        )
    )
    names["phone"] -= {phone for phone in shared if phone}
    return {kind: sorted(values) for kind, values in names.items()}


def _anonymous(batch: Batch, customer_id: UUID) -> ColumnElement[bool]:
    """What was told of the person's carts while they were nobody's.

    The times are the carts' own: without them every anonymous fact of the store would be read.
    """
    rows = batch.session.execute(
        select(CartKey.cart_key, Cart.clocks["started"].astext, Cart.source_updated_at)
        .join(Cart, (Cart.store_id == CartKey.store_id) & (Cart.cart_id == CartKey.cart_id))
        .where(Cart.store_id == batch.store_id, Cart.customer_id == customer_id)
    ).all()
    if not rows:
        return false()
    keys, started, last = zip(*rows, strict=True)
    tokens = bindparam(None, list(keys), type_=ARRAY(Text), unique=True)
    return and_(
        LoggedFact.customer_id.is_(None),
        LoggedFact.kind == "cart_seen",
        LoggedFact.occurred_at.between(moment(min(started)), max(last)),
        LoggedFact.fact["cart_keys"].has_any(tokens),
    )


def _needles(names: dict[str, list[str]], facts: Sequence[Told]) -> list[str]:
    """The addresses as they were written by the sources, and as we write them."""
    raw = {text for one in facts for text in (one.person.email, one.person.phone) if text}
    known = {*names["email"], *names["phone"]}
    return sorted(text.lower() for text in raw | known if len(text) > 5)


def _put_back_nameless(batch: Batch, customer_id: UUID, facts: Sequence[Told]) -> None:
    """The person's orders, as the store's accounts need them."""
    kept = [one for one in facts if isinstance(one.fact, _KEPT_FACTS)]
    stripped = [_stripped(one) for one in kept]
    batch.told = list({one.key: one for one in stripped}.values())
    batch.customer_of = {one.key: customer_id for one in batch.told}
    log.append(batch, {})


def _stripped(one: Told) -> Told:
    if not isinstance(one.fact, OrderSeen):
        return one
    fact = returning.nameless(one.fact)
    return tell(Incoming(fact=fact, source=one.source, live=False))


def _forget_orders(batch: Batch, customer_id: UUID) -> None:
    batch.session.execute(
        update(Order)
        .where(Order.store_id == batch.store_id, Order.customer_id == customer_id)
        .values(cart_keys=[], utm={}, discount_codes=[], person_version=""),
        execution_options={"synchronize_session": False},
    )


def _delete(batch: Batch, model: type[Base], condition: ColumnElement[bool]) -> None:
    batch.session.execute(
        delete(model).where(table_of(model).c.store_id == batch.store_id, condition),
        execution_options={"synchronize_session": False},
    )


def _empty_row(batch: Batch, customer: Customer) -> None:
    row = people.blank(batch.store_id, customer.customer_id)
    row |= {name: getattr(customer, name) for name in _KEPT_FIELDS}
    row["erased_at"] = batch.now
    put(batch.session, Customer, [row])
