"""The SQL half of the facts: each a column or a correlated subquery over one customer's rows.

Every subquery names `store_id` and `customer_id`, so that it runs on an index.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    and_,
    case,
    cast,
    column,
    exists,
    func,
    literal,
    not_,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB, JSONPATH
from sqlalchemy.orm import aliased

from app.languages import LANGUAGES, SPOKEN
from app.models import (
    Cart,
    ConsentEntry,
    Credential,
    Customer,
    LoggedFact,
    Order,
    OrderLine,
    Store,
    Task,
)
from app.stores.settings import StoreSettings

LOW_SCORE: int = StoreSettings.model_fields["low_score"].default
_REMEMBERED = timedelta(days=365)
_REMEMBERED_ORDERS = 50
"""As many as a snapshot holds."""

_ANY_PRODUCT = '$[*].product_key ? (@ like_regex ".")'
"""A line with a product key that is neither null nor empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What the statement is about: one store at one moment."""

    store_id: UUID
    currency: str
    locale: str
    now: datetime


Column = Callable[[Scope], Any]
Overlap = Callable[[Scope, Sequence[str] | None], ColumnElement[bool]]
"""Whether the list has any of these; None: whether it has anything at all."""


def customer(attribute: str) -> Column:
    return lambda scope: getattr(Customer, attribute)


def locale(scope: Scope) -> ColumnElement[str]:
    return func.coalesce(Customer.locale, scope.locale)


def tags(scope: Scope, wanted: Sequence[str] | None) -> ColumnElement[bool]:
    if wanted is None:
        return func.jsonb_array_length(Customer.tags) > 0
    return or_(*(Customer.tags.contains([tag]) for tag in wanted))


def promotions_on_hold(scope: Scope) -> ColumnElement[bool]:
    return exists().where(
        Task.store_id == scope.store_id,
        Task.customer_id == Customer.customer_id,
        Task.holds_promotions,
        Task.closed_at.is_(None),
    )


def consent(channel: str) -> Column:
    """The choice that holds now, by the rules of `customers.consent`: the latest, the strictest of
    one moment; after any refusal an imported opt-in does not count."""

    def now(scope: Scope) -> ColumnElement[str]:
        choices = _choices(scope, channel)
        closes = choices.c.state == "unsubscribed"
        ranked = select(choices, func.bool_or(closes).over().label("refused")).subquery()
        imported = func.starts_with(ranked.c.source, "import")
        strictness = case((ranked.c.state == "unsubscribed", 2), (ranked.c.state == "pending", 1))
        return (
            select(ranked.c.state)
            .where(or_(ranked.c.state == "unsubscribed", not_(imported), not_(ranked.c.refused)))
            .order_by(ranked.c.occurred_at.desc(), func.coalesce(strictness, 0).desc())
            .limit(1)
            .scalar_subquery()
        )

    return now


def _choices(scope: Scope, channel: str) -> Any:
    """A customer's own choices, and the refusals of anybody with the same number."""
    entry = ConsentEntry
    chosen = (
        select(entry.state, entry.source, entry.occurred_at)
        .where(entry.store_id == scope.store_id, entry.channel == channel)
        .correlate(Customer)
    )
    own = chosen.where(entry.customer_id == Customer.customer_id)
    by_number = chosen.where(entry.address == Customer.phone, entry.state == "unsubscribed")
    return own.union_all(by_number).subquery()


def _open_cart(scope: Scope, *columns: Any) -> Select[Any]:
    """The open cart changed last."""
    return (
        select(*columns)
        .where(
            Cart.store_id == scope.store_id,
            Cart.customer_id == Customer.customer_id,
            Cart.status.in_(("active", "abandoned")),
        )
        .order_by(Cart.changed_at.desc(), Cart.cart_id.desc())
        .limit(1)
    )


def cart(attribute: str) -> Column:
    return lambda scope: _open_cart(scope, getattr(Cart, attribute)).scalar_subquery()


def cart_total(scope: Scope) -> ColumnElement[int]:
    total = case((Cart.currency == scope.currency, Cart.total_minor))
    return _open_cart(scope, total).scalar_subquery()


def cart_quantity(scope: Scope) -> ColumnElement[int]:
    line = func.jsonb_array_elements(Cart.lines).table_valued(column("value", JSONB))
    pieces = cast(line.c.value["quantity"].astext, BigInteger)
    counted = select(func.coalesce(func.sum(pieces), 0)).select_from(line).correlate(Cart)
    return _open_cart(scope, counted.scalar_subquery()).scalar_subquery()


def cart_products(scope: Scope, wanted: Sequence[str] | None) -> ColumnElement[bool]:
    if wanted is None:
        found: Any = func.jsonb_path_exists(Cart.lines, cast(_ANY_PRODUCT, JSONPATH))
    else:
        found = or_(*(Cart.lines.contains([{"product_key": key}]) for key in wanted))
    return func.coalesce(_open_cart(scope, found).scalar_subquery(), False)


def _counts(scope: Scope, order: Any) -> tuple[ColumnElement[bool], ...]:
    return (
        order.store_id == scope.store_id,
        order.customer_id == Customer.customer_id,
        order.counts,
        order.deleted_at.is_(None),
    )


def _latest_orders(scope: Scope, count: int, *columns: Any) -> Select[Any]:
    return (
        select(*columns)
        .where(*_counts(scope, Order))
        .order_by(Order.placed_at.desc(), Order.order_key.desc())
        .limit(count)
    )


def last_order_total(scope: Scope) -> ColumnElement[int]:
    total = case((Order.currency == scope.currency, Order.total_minor))
    return _latest_orders(scope, 1, total).scalar_subquery()


def _lines_of_latest(count: int, attribute: str) -> Overlap:
    """Whether the lines of the latest orders hold any of some values."""

    def overlap(scope: Scope, wanted: Sequence[str] | None) -> ColumnElement[bool]:
        latest = _latest_orders(scope, count, Order.order_key).correlate(Customer).subquery()
        value = getattr(OrderLine, attribute)
        return exists(
            select(literal(1))
            .select_from(OrderLine)
            .where(
                OrderLine.store_id == scope.store_id,
                OrderLine.order_key.in_(select(latest.c.order_key)),
                value.is_not(None) if wanted is None else value.in_(wanted),
            )
        )

    return overlap


last_order_products = _lines_of_latest(1, "product_key")
titles_bought = _lines_of_latest(_REMEMBERED_ORDERS, "title")


def products_bought(scope: Scope, wanted: Sequence[str] | None) -> ColumnElement[bool]:
    """From the product's index to its buyers, instead of from every customer to their orders."""
    if wanted is None:
        return _lines_of_latest(_REMEMBERED_ORDERS, "product_key")(scope, None)
    bought, newer = aliased(Order), aliased(Order)
    newer_orders = (
        select(func.count())
        .select_from(newer)
        .where(
            newer.store_id == scope.store_id,
            newer.customer_id == bought.customer_id,
            newer.counts,
            newer.deleted_at.is_(None),
            func.row(newer.placed_at, newer.order_key)
            > func.row(bought.placed_at, bought.order_key),
        )
        .correlate(bought)
        .scalar_subquery()
    )
    buyers = (
        select(bought.customer_id)
        .join(
            OrderLine,
            (OrderLine.store_id == bought.store_id) & (OrderLine.order_key == bought.order_key),
        )
        .where(
            OrderLine.store_id == scope.store_id,
            OrderLine.product_key.in_(wanted),
            bought.counts,
            bought.deleted_at.is_(None),
            newer_orders < _REMEMBERED_ORDERS,
        )
    )
    return Customer.customer_id.in_(buyers)


def events(name: str) -> Column:
    """A count of the moments after a moment; `sql.py` fills in which."""

    def counter(scope: Scope) -> Any:
        def count_after(within: timedelta | None) -> ColumnElement[int]:
            return (
                select(func.count())
                .select_from(LoggedFact)
                .where(
                    LoggedFact.store_id == scope.store_id,
                    LoggedFact.customer_id == Customer.customer_id,
                    LoggedFact.kind == "customer_acted",
                    LoggedFact.fact["name"].astext == name,
                    LoggedFact.occurred_at > scope.now - (within or _REMEMBERED),
                )
                .scalar_subquery()
            )

        return count_after

    return counter


def connected(channel: str) -> Column:
    return lambda scope: exists().where(
        Credential.store_id == scope.store_id,
        Credential.channels.contains([channel]),
        Credential.broken_since.is_(None),
    )


def can_whatsapp(message: str) -> Column:
    def can(scope: Scope) -> ColumnElement[bool]:
        spoken = func.lower(func.split_part(func.replace(locale(scope), "_", "-"), "-", 1))
        language = case(SPOKEN, value=spoken, else_=LANGUAGES[0])
        templates = Store.settings["whatsapp_templates"]
        named = exists().where(
            Store.store_id == scope.store_id,
            or_(templates.has_key(message), templates.has_key(f"{message}." + language)),
        )
        return and_(connected("whatsapp")(scope), named)

    return can


def scored_low(scope: Scope) -> ColumnElement[bool]:
    chosen = select(func.coalesce(Store.settings["low_score"].as_integer(), LOW_SCORE))
    return Customer.score <= chosen.where(Store.store_id == scope.store_id).scalar_subquery()
