"""Who came to be at risk in a period, by the database: one statement that adds up five ways."""

from datetime import datetime
from typing import Any

from sqlalchemy import ARRAY, DateTime, Select, and_, bindparam, func, select, tuple_
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from app.customers.stages import Inactivity, Stage
from app.customers.without_loops import of_everybody
from app.models import Customer, Order, OrderLine, Standing, StandingChange, Store
from app.models.rows import STORE
from app.reports import why
from app.reports.leaving import Churn, Left, largest
from app.reports.migration import PERIOD
from app.reports.months import Months
from app.stores.settings import read_settings

_WAYS = {15: "everybody", 7: "months", 11: "stages", 13: "signs", 14: "products"}
"""What `grouping` says of each way: a bit for every column that is not told apart by it."""
_LAPSED = (Inactivity.LAPSED, Inactivity.LOST)


def read_churn(session: Session, store: Store, months: Months, now: datetime) -> Churn:
    asked = {
        "store": store.store_id,
        "starts": list(months.starts),
        "since": now - PERIOD,
        "now": now,
        "low": read_settings(store.settings).low_score,
        **why.asked(now - PERIOD),
    }
    with of_everybody(session):
        rows = session.execute(_CHURN, asked).all()
    ways: dict[str, list[Left]] = {way: [] for way in _WAYS.values()}
    for way, cohort, stage, sign, product, *figures in rows:
        labels = {"months": _month(months, cohort), "stages": stage, "signs": sign}
        label = labels.get(_WAYS[way], product if _WAYS[way] == "products" else None)
        ways[_WAYS[way]].append(Left(label, *figures))
    (everybody,) = ways.pop("everybody")
    return Churn(everybody, **{way: largest(found) for way, found in ways.items()})


def _month(months: Months, number: int | None) -> str:
    """Before the first of them: nothing."""
    return months.name(number) if number else ""


def _turned() -> Any:
    """Everybody who came to be at risk, with the first time in the period."""
    at = StandingChange.changed_at
    return (
        select(StandingChange.customer_id, at.label("at"), StandingChange.was.label("stage"))
        .ext(distinct_on(StandingChange.customer_id))
        .where(
            StandingChange.store_id == STORE,
            StandingChange.kind == "stage",
            StandingChange.became == Stage.AT_RISK,
            at > bindparam("since"),
            at <= bindparam("now"),
        )
        .order_by(StandingChange.customer_id, at)
    )


def _last_bought(turned: Any) -> Any:
    """What each of them spent most on in the last order before."""
    lines = and_(OrderLine.store_id == Order.store_id, OrderLine.order_key == Order.order_key)
    latest = (Order.placed_at.desc(), Order.order_key, OrderLine.total_minor.desc())
    return (
        select(Order.customer_id, OrderLine.title)
        .ext(distinct_on(Order.customer_id))
        .join_from(Order, turned, turned.c.customer_id == Order.customer_id)
        .join(OrderLine, lines)
        .where(Order.store_id == STORE, Order.counts, Order.placed_at <= turned.c.at)
        .order_by(Order.customer_id, *latest, OrderLine.line_key)
    )


def _people() -> Select[Any]:
    turned = _turned().cte("turned")
    bought, acts = _last_bought(turned).cte("bought"), why.acts_of(turned)
    own = (Customer.store_id == STORE, Customer.customer_id == turned.c.customer_id)
    stands = and_(Standing.store_id == STORE, Standing.customer_id == turned.c.customer_id)
    starts = bindparam("starts", type_=ARRAY(DateTime(timezone=True)))
    return (
        select(
            # Nothing that counts is left of what some have bought.
            func.coalesce(func.width_bucket(Customer.first_order_at, starts), 0).label("cohort"),
            turned.c.stage,
            why.sign_of(turned, acts).label("sign"),
            func.coalesce(bought.c.title, "").label("product"),
            (Customer.last_order_at > turned.c.at).label("back"),
            func.coalesce(Standing.inactivity.in_(_LAPSED), False).label("lapsed"),
        )
        .join_from(turned, Customer, and_(*own))
        .outerjoin(Standing, stands)
        .outerjoin(bought, bought.c.customer_id == turned.c.customer_id)
        .outerjoin(acts, acts.c.customer_id == turned.c.customer_id)
    )


def _churn() -> Select[Any]:
    each = _people().subquery("each")
    ways = (each.c.cohort, each.c.stage, each.c.sign, each.c.product)
    columns: tuple[Any, ...] = (
        func.grouping(*ways),
        *ways,
        func.count(),
        func.count().filter(each.c.back),
        func.count().filter(each.c.lapsed),
    )
    sets = func.grouping_sets(tuple_(), *(tuple_(way) for way in ways))
    return select(*columns).group_by(sets)


_CHURN = _churn()
"""Made once (docs/decisions/0013-statements-made-once.md)."""
