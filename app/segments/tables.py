"""The SQL half of the facts: each a column of the customer, or of what the scope joins to it.

Every subquery names `store_id` and asks the scope whom it is about, see `scope.py`.
"""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    and_,
    case,
    cast,
    column,
    exists,
    func,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB, JSONPATH, distinct_on
from sqlalchemy.orm import aliased

from app.customers.snapshot import REMEMBERED_ORDERS
from app.customers.snapshot_rows import STANDS
from app.languages import LANGUAGES, SPOKEN
from app.models import (
    Cart,
    Credential,
    Customer,
    Order,
    OrderLine,
    ShopMember,
    Standing,
    Store,
    Task,
)
from app.segments.choices import choice_now
from app.segments.scope import Scope
from app.stores.settings import StoreSettings

LOW_SCORE: int = StoreSettings.model_fields["low_score"].default
_buyer, _newer = aliased(Customer), aliased(Order)

_ANY_PRODUCT = '$[*].product_key ? (@ like_regex ".")'
"""A line with a product key that is neither null nor empty."""


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


def consent(channel: str) -> Column:
    return lambda scope: choice_now(scope, channel)


def standing(attribute: str) -> Column:
    def stands(scope: Scope) -> Any:
        columns = (getattr(Standing, name) for name in STANDS)
        own = select(Standing.customer_id, *columns).where(
            Standing.store_id == scope.store_id, scope.of_the_meant(Standing.customer_id)
        )
        return getattr(scope.join("standing", own), attribute)

    return stands


def signal(name: str) -> Column:
    signals = standing("signals")
    return lambda scope: signals(scope).contains([name])


def promotions_on_hold(scope: Scope) -> ColumnElement[bool]:
    held = (
        select(Task.customer_id)
        .where(
            Task.store_id == scope.store_id,
            Task.holds_promotions,
            Task.closed_at.is_(None),
            scope.of_the_meant(Task.customer_id),
        )
        .distinct()
    )
    return _is_there(scope.join("held", held))


def _is_there(found: Any) -> ColumnElement[bool]:
    there: ColumnElement[bool] = found.customer_id.is_not(None)
    return there


def _open_cart(scope: Scope) -> Any:
    """The open cart changed last."""
    open_carts = (
        select(
            Cart.customer_id,
            Cart.status,
            Cart.currency,
            Cart.total_minor,
            Cart.lines,
            Cart.started_at,
            Cart.changed_at,
            Cart.abandoned_at,
        )
        .ext(distinct_on(Cart.customer_id))
        .where(
            Cart.store_id == scope.store_id,
            Cart.status.in_(("active", "abandoned")),
            Cart.customer_id.is_not(None),
            scope.of_the_meant(Cart.customer_id),
        )
        .order_by(Cart.customer_id, Cart.changed_at.desc(), Cart.cart_id.desc())
    )
    return scope.join("cart", open_carts)


def cart(attribute: str) -> Column:
    return lambda scope: getattr(_open_cart(scope), attribute)


def cart_total(scope: Scope) -> ColumnElement[int]:
    found = _open_cart(scope)
    return case((found.currency == scope.currency, found.total_minor))


def cart_quantity(scope: Scope) -> ColumnElement[int]:
    found = _open_cart(scope)
    line = func.jsonb_array_elements(found.lines).table_valued(column("value", JSONB))
    pieces = cast(line.c.value["quantity"].astext, BigInteger)
    counted = select(func.coalesce(func.sum(pieces), 0)).select_from(line)
    return case((found.lines.is_not(None), counted.scalar_subquery()))


def cart_products(scope: Scope, wanted: Sequence[str] | None) -> ColumnElement[bool]:
    lines = _open_cart(scope).lines
    if wanted is None:
        found: Any = func.jsonb_path_exists(lines, cast(_ANY_PRODUCT, JSONPATH))
    else:
        found = or_(*(lines.contains([{"product_key": key}]) for key in wanted))
    return func.coalesce(found, False)


def purchases(scope: Scope, order: Any) -> tuple[ColumnElement[bool], ...]:
    return (order.store_id == scope.store_id, order.counts, order.deleted_at.is_(None))


def _last_order(scope: Scope) -> Any:
    latest = (
        select(Order.customer_id, Order.order_key, Order.currency, Order.total_minor)
        .ext(distinct_on(Order.customer_id))
        .where(*purchases(scope, Order), scope.of_the_meant(Order.customer_id))
        .order_by(Order.customer_id, Order.placed_at.desc(), Order.order_key.desc())
    )
    return scope.join("last order", latest)


def last_order_total(scope: Scope) -> ColumnElement[int]:
    found = _last_order(scope)
    return case((found.currency == scope.currency, found.total_minor))


def lines_of_latest(count: int, meant: Overlap) -> Overlap:
    """Whether the latest orders hold any of the lines that are meant."""

    def overlap(scope: Scope, wanted: Sequence[str] | None) -> ColumnElement[bool]:
        buyers = (
            select(Order.customer_id)
            .join(
                OrderLine,
                (OrderLine.store_id == Order.store_id) & (OrderLine.order_key == Order.order_key),
            )
            .join(
                _buyer,
                (_buyer.store_id == Order.store_id) & (_buyer.customer_id == Order.customer_id),
            )
            .where(
                *purchases(scope, Order),
                OrderLine.store_id == scope.store_id,
                meant(scope, wanted),
                scope.of_the_meant(Order.customer_id),
                or_(_buyer.orders_count <= count, _newer_orders(scope) < count),
            )
            .distinct()
        )
        key = (meant, count, None if wanted is None else tuple(wanted))
        return _is_there(scope.join(key, buyers))

    return overlap


def _with(attribute: str) -> Overlap:
    def lines(scope: Scope, wanted: Sequence[str] | None) -> ColumnElement[bool]:
        value = getattr(OrderLine, attribute)
        found: ColumnElement[bool] = value.is_not(None) if wanted is None else value.in_(wanted)
        return found

    return lines


def _newer_orders(scope: Scope) -> Any:
    """Looked up only for those who have more orders than are asked about."""
    return (
        select(func.count())
        .select_from(_newer)
        .where(
            *purchases(scope, _newer),
            _newer.customer_id == Order.customer_id,
            func.row(_newer.placed_at, _newer.order_key)
            > func.row(Order.placed_at, Order.order_key),
        )
        .correlate(Order)
        .scalar_subquery()
    )


last_order_products = lines_of_latest(1, _with("product_key"))
products_bought = lines_of_latest(REMEMBERED_ORDERS, _with("product_key"))
titles_bought = lines_of_latest(REMEMBERED_ORDERS, _with("title"))


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
        # One look at the store for each language, and none for each person.
        named = {name: _names(scope, f"{message}.{name}") for name in LANGUAGES}
        in_theirs = case(named, value=language)
        return and_(connected("whatsapp")(scope), or_(_names(scope, message), in_theirs))

    return can


def _names(scope: Scope, template: str) -> ColumnElement[bool]:
    return exists().where(
        Store.store_id == scope.store_id, Store.settings["whatsapp_templates"].has_key(template)
    )


def segment(slug: str) -> Column:
    """Its condition as it was written: `sql.py` puts it in its place."""
    return lambda scope: scope.segments.get(slug)


def shop_segment(key: str) -> Column:
    def is_member(scope: Scope) -> ColumnElement[bool]:
        members = select(ShopMember.customer_id).where(
            ShopMember.store_id == scope.store_id,
            ShopMember.segment_key == key,
            scope.of_the_meant(ShopMember.customer_id),
        )
        return _is_there(scope.join(("shop segment", key), members))

    return is_member


def scored_low(scope: Scope) -> ColumnElement[bool]:
    chosen = select(func.coalesce(Store.settings["low_score"].as_integer(), LOW_SCORE))
    return Customer.score <= chosen.where(Store.store_id == scope.store_id).scalar_subquery()
