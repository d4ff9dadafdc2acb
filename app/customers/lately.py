"""What people did in the last sixty days, read once for everything that is worked out from it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ARRAY,
    CTE,
    ColumnElement,
    DateTime,
    Text,
    any_,
    bindparam,
    func,
    literal_column,
    select,
)

from app.models import Cart, LoggedFact
from app.models.rows import STORE

CART = "cart_filled"
"""No act, but counted as one: each cart that was begun."""
FULL, HALF = timedelta(days=30), timedelta(days=60)
"""The last thirty days, and those before them."""

Meant = Callable[[Any], list[ColumnElement[bool]]]
"""Holds a column of customers' ids to the people who are meant."""

SINCE = bindparam("lately_since", type_=DateTime(timezone=True))
RECENT = bindparam("lately_recent", type_=DateTime(timezone=True))
_NAMES = bindparam("lately_names", type_=ARRAY(Text))
# In the statement's text, or an index of acts alone could not be used by every plan.
ACTED = literal_column("'customer_acted'", Text)
_CART = literal_column(f"'{CART}'", Text)


def asked(names: list[str], now: datetime) -> dict[str, Any]:
    """The parameters of a statement that reads acts of these names."""
    return {"lately_since": now - HALF, "lately_recent": now - FULL, "lately_names": names}


def lately(meant: Meant) -> CTE:
    """A row for each act: `customer_id`, `name`, `at`."""
    name = LoggedFact.fact["name"].astext
    acts = select(LoggedFact.customer_id, name.label("name"), LoggedFact.occurred_at.label("at"))
    carts = select(Cart.customer_id, _CART.label("name"), Cart.started_at.label("at"))
    return (
        acts.where(
            LoggedFact.store_id == STORE,
            LoggedFact.kind == ACTED,
            LoggedFact.occurred_at > SINCE,
            name == any_(_NAMES),
            *meant(LoggedFact.customer_id),
        )
        .union_all(
            carts.where(
                Cart.store_id == STORE,
                Cart.started_at > SINCE,
                any_(_NAMES) == _CART,
                *meant(Cart.customer_id),
            )
        )
        .cte("lately")
    )


def times(done: CTE) -> Any:
    """How often each did each thing in the last thirty days, and in the thirty before."""
    recent = func.count().filter(done.c.at > RECENT)
    before = (func.count() - recent).label("before")
    counted = select(done.c.customer_id, done.c.name, recent.label("recent"), before)
    return counted.group_by(done.c.customer_id, done.c.name).subquery("times")
