"""The people of a store by their first purchase, and in which months after it they bought: one
statement for each way to tell them apart, made once, over everybody."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    DateTime,
    Select,
    Text,
    and_,
    bindparam,
    case,
    func,
    literal,
    select,
)
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from app.customers.without_loops import of_everybody
from app.models import Customer, Offer, Order, OrderLine, Store
from app.models.rows import STORE
from app.reports.cohorts import AFTER, Cell
from app.reports.months import Months

_MOMENT = DateTime(timezone=True)
MOST = 12
"""Labels of one report; all others together have none."""
NOTHING, OTHER_CODE = "", "*"
"""No product, channel or code is known; a code that is none of ours."""


class By(StrEnum):
    """What first purchases are told apart by."""

    MONTH = "month"
    PRODUCT = "product"
    CHANNEL = "channel"
    OFFER = "offer"


def read_cells(session: Session, store: Store, by: By, months: Months, now: datetime) -> list[Cell]:
    """Of everybody whose first purchase is in one of these months."""
    asked = {
        "store": store.store_id,
        "currency": store.currency,
        "starts": list(months.starts),
        "since": months.starts[0],
        "now": now,
    }
    with of_everybody(session):
        rows = session.execute(_STATEMENTS[by], asked).all()
    return [
        Cell(label, cohort, after, buyers, int(spent))
        for label, cohort, after, buyers, spent in rows
    ]


def _month(at: Any) -> ColumnElement[int]:
    """Its number in `Months`: a search among their beginnings, so that no calendar is asked."""
    return func.width_bucket(at, bindparam("starts", type_=ARRAY(_MOMENT)))


def _is_meant() -> tuple[ColumnElement[bool], ...]:
    first = Customer.first_order_at
    return Customer.store_id == STORE, first >= bindparam("since"), first <= bindparam("now")


def _first(label: Any) -> Select[Any]:
    """Everybody with their month and what `label` says of their first order."""
    theirs = and_(
        Order.store_id == Customer.store_id,
        Order.customer_id == Customer.customer_id,
        Order.placed_at == Customer.first_order_at,
        Order.counts,
    )
    return (
        select(
            Customer.customer_id,
            _month(Customer.first_order_at).label("cohort"),
            label.label("label"),
        )
        .join_from(Customer, Order, theirs)
        .where(*_is_meant())
        .ext(distinct_on(Customer.customer_id))
        .order_by(Customer.customer_id, Order.order_key)
    )


def _by_month() -> Select[Any]:
    nobody = literal(NOTHING, Text).label("label")
    columns: tuple[Any, ...] = (_month(Customer.first_order_at).label("cohort"), nobody)
    return select(Customer.customer_id, *columns).where(*_is_meant())


def _by_product() -> Select[Any]:
    """The product on which most was spent, by its title on that order."""
    lines = and_(OrderLine.store_id == Order.store_id, OrderLine.order_key == Order.order_key)
    dearest = (Customer.customer_id, OrderLine.total_minor.desc(), Order.order_key)
    return (
        _first(func.coalesce(OrderLine.title, NOTHING))
        .outerjoin(OrderLine, lines)
        .order_by(None)
        .order_by(dearest[0], dearest[1].nulls_last(), dearest[2], OrderLine.line_key)
    )


def _by_channel() -> Select[Any]:
    source, medium = (
        func.coalesce(Order.utm[name].astext, "") for name in ("utm_source", "utm_medium")
    )
    return _first(case((source + medium == "", NOTHING), else_=source + " / " + medium))


def _by_offer() -> Select[Any]:
    """The name of our own offer whose code was used."""
    codes = func.jsonb_array_elements_text(Order.discount_codes).table_valued("value")
    ours = (
        select(func.min(Offer.name))
        .join_from(codes, Offer, Offer.code == func.upper(func.btrim(codes.c.value)))
        .where(Offer.store_id == STORE)
        .correlate(Order)
        .scalar_subquery()
    )
    used = func.jsonb_array_length(Order.discount_codes) > 0
    return _first(case((used, func.coalesce(ours, OTHER_CODE)), else_=NOTHING))


def _bought(first: Select[Any]) -> Select[Any]:
    """How many bought how much in each month after their first, by label."""
    people = first.cte("people")
    largest = (
        select(people.c.label)
        .group_by(people.c.label)
        .order_by(func.count().desc(), people.c.label)
        .limit(MOST)
        .cte("largest")
    )
    net = func.greatest(Order.total_minor - Order.refunded_minor, 0)
    after = (_month(Order.placed_at) - people.c.cohort).label("after")
    each = (
        select(
            largest.c.label,
            people.c.cohort,
            after,
            func.sum(case((Order.currency == bindparam("currency"), net), else_=0)).label("spent"),
        )
        .join_from(people, Order, Order.customer_id == people.c.customer_id)
        .outerjoin(largest, largest.c.label == people.c.label)
        .where(
            Order.store_id == STORE,
            Order.counts,
            Order.placed_at >= bindparam("since"),
            Order.placed_at <= bindparam("now"),
            after <= AFTER[-1],
        )
        .group_by(people.c.customer_id, largest.c.label, people.c.cohort, after)
        .subquery("each")
    )
    place = (each.c.label, each.c.cohort, each.c.after)
    return select(*place, func.count(), func.sum(each.c.spent)).group_by(*place)


_STATEMENTS: Mapping[By, Select[Any]] = MappingProxyType(
    {
        By.MONTH: _bought(_by_month()),
        By.PRODUCT: _bought(_by_product()),
        By.CHANNEL: _bought(_by_channel()),
        By.OFFER: _bought(_by_offer()),
    }
)
"""Made once (docs/decisions/0013-statements-made-once.md)."""
