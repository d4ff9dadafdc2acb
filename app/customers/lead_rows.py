"""Lead scores of many people in SQL: the rule of `leads` over a whole store, or a part of it.

Whether somebody has refused is only looked up where it can still cost something.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    CTE,
    ColumnElement,
    Integer,
    Text,
    and_,
    bindparam,
    case,
    cast,
    column,
    exists,
    func,
    literal_column,
    select,
)
from sqlalchemy.orm import aliased

from app.customers.lately import RECENT, SINCE, Meant, times
from app.customers.leads import (
    LEAST,
    ORDER,
    SILENT,
    SILENT_FOR,
    TRAITS,
    UNSUBSCRIBED,
    Scheme,
    Tier,
)
from app.customers.moves import SILENT_SINCE
from app.models import ConsentEntry, Customer
from app.models.rows import STORE

_NAMES = bindparam("lead_names", type_=ARRAY(Text))
_WORTHS = bindparam("lead_worths", type_=ARRAY(Integer))
_CAP = bindparam("lead_cap", type_=Integer)
_ORDER = bindparam("lead_order", type_=Integer)
# In the statement's text, or an index of these alone could not be used by every plan.
_EMAIL, _REFUSED = literal_column("'email'", Text), literal_column("'unsubscribed'", Text)
_later = aliased(ConsentEntry)


def asked(scheme: Scheme, now: datetime) -> dict[str, Any]:
    """The parameters of a statement that scores."""
    traits = {name: scheme.traits.get(name, ("", 0)) for name in TRAITS}
    return {
        "lead_silent": now - SILENT_FOR,
        "lead_names": list(scheme.acts),
        "lead_worths": list(scheme.acts.values()),
        "lead_cap": scheme.cap,
        "lead_order": scheme.acts.get(ORDER, 0),
        **{f"tag_{name}": tag for name, (tag, _) in traits.items()},
        **{f"worth_{name}": worth for name, (_, worth) in traits.items()},
    }


def own_points() -> Any:
    """What the customer's own row gives: traits, the latest order, silence."""
    heard = func.coalesce(Customer.last_active_at, Customer.first_seen_at)
    silent = heard <= SILENT_SINCE
    ordered = case(
        (Customer.last_order_at > RECENT, _ORDER),
        (Customer.last_order_at > SINCE, _ORDER // 2),
        else_=0,
    )
    return sum((_trait(name) for name in TRAITS), ordered + case((silent, SILENT), else_=0))


def _trait(name: str) -> Any:
    worth = bindparam(f"worth_{name}", type_=Integer)
    has = Customer.tags.has_key(bindparam(f"tag_{name}", type_=Text))
    return case((and_(worth > 0, has), worth), else_=0)


def with_score(people: Any, meant: Meant, done: CTE) -> Any:
    """`people`, who have `own_points`, with `lead_score` and `lead_tier` beside them."""
    engaged, refused = _engaged(times(done)), _refused(meant)
    total = people.c.own_points + func.coalesce(engaged.c.points, 0)
    score = case(
        (total <= 0, 0),
        (_stays_refused(refused), func.greatest(total + UNSUBSCRIBED, 0)),
        else_=total,
    )
    scored = (
        select(people, score.label("lead_score"))
        .outerjoin(engaged, engaged.c.customer_id == people.c.customer_id)
        .outerjoin(refused, refused.c.customer_id == people.c.customer_id)
        .offset(0)
        .subquery("scored")
    )
    reached = [(scored.c.lead_score >= least, tier) for tier, least in LEAST.items()]
    return select(scored, case(*reached, else_=Tier.INACTIVE).label("lead_tier"))


def _engaged(counted: Any) -> Any:
    """What each person's acts are worth, each kind within the cap."""
    worths = func.unnest(_NAMES, _WORTHS).table_valued(
        column("name", Text), column("worth", Integer), name="worth"
    )
    worth = worths.render_derived()
    halves = 2 * counted.c.recent + counted.c.before
    points = func.least(
        func.greatest(_CAP, worth.c.worth), cast(worth.c.worth * halves, Integer) // 2
    )
    return (
        select(counted.c.customer_id, cast(func.sum(points), Integer).label("points"))
        .join(worth, worth.c.name == counted.c.name)
        .group_by(counted.c.customer_id)
        .subquery("engaged")
    )


def _refused(meant: Meant) -> Any:
    """When each last refused e-mail."""
    entry = ConsentEntry
    return (
        select(entry.customer_id, func.max(entry.occurred_at).label("at"))
        .where(
            entry.store_id == STORE,
            entry.channel == _EMAIL,
            entry.state == _REFUSED,
            *meant(entry.customer_id),
        )
        .group_by(entry.customer_id)
        .subquery("refused")
    )


def _stays_refused(refused: Any) -> ColumnElement[bool]:
    """No own choice came after it (`customers.consent`)."""
    chosen = exists().where(
        _later.store_id == STORE,
        _later.customer_id == refused.c.customer_id,
        _later.channel == _EMAIL,
        _later.occurred_at > refused.c.at,
        _later.state != _REFUSED,
        ~func.starts_with(_later.source, "import"),
    )
    return and_(refused.c.at.is_not(None), ~chosen)
