"""What is predicted of a person, as facts: missing where nothing is."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from app.customers.predictions import CLUSTERS
from app.customers.snapshot import Snapshot
from app.customers.snapshot_rows import PREDICTED
from app.models import Prediction
from app.segments.fact import Fact
from app.segments.operators import Kind
from app.segments.readings import Context, customer
from app.segments.scope import Scope

_ALL = 100


def churn_risk(snapshot: Snapshot, context: Context) -> Decimal | None:
    return None if snapshot.will_buy is None else _ALL - snapshot.will_buy


def prediction(attribute: str) -> Callable[[Scope], Any]:
    def told(scope: Scope) -> Any:
        columns = (getattr(Prediction, name) for name in PREDICTED)
        own = select(Prediction.customer_id, *columns).where(
            Prediction.store_id == scope.store_id, scope.of_the_meant(Prediction.customer_id)
        )
        return getattr(scope.join("prediction", own), attribute)

    return told


def risk_column(scope: Scope) -> Any:
    """`churn_risk` in SQL."""
    return _ALL - prediction("will_buy")(scope)


PREDICTIONS = (
    Fact(
        name="customer.will_buy",
        kind=Kind.NUMBER,
        says="How likely in percent they are to buy within 90 days; missing where nothing is"
        " predicted.",
        get=customer("will_buy"),
        column=prediction("will_buy"),
    ),
    Fact(
        name="customer.churn_risk",
        kind=Kind.NUMBER,
        says="How likely in percent they are not to buy within 90 days: 100 less"
        " `customer.will_buy`.",
        get=churn_risk,
        column=risk_column,
    ),
    Fact(
        name="customer.expected_orders",
        kind=Kind.NUMBER,
        says="How many orders are expected of them within 90 days; missing where nothing is"
        " predicted.",
        get=customer("expected_orders"),
        column=prediction("expected_orders"),
    ),
    Fact(
        name="customer.predicted_value",
        kind=Kind.MONEY,
        says="What they are expected to spend within a year; missing where nothing is predicted.",
        get=customer("expected_value_minor"),
        column=prediction("expected_value_minor"),
    ),
    Fact(
        name="customer.cluster",
        kind=Kind.CHOICE,
        says="The letter of the people who buy like them, see the page Forecasts; missing before"
        " the first order.",
        get=customer("cluster"),
        column=prediction("cluster"),
        choices=tuple(CLUSTERS),
    ),
)
