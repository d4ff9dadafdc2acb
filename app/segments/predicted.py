"""What is predicted of a person, as facts: missing where nothing is."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import select

from app.customers.predictions import CLUSTERS
from app.customers.snapshot import Snapshot
from app.customers.snapshot_rows import PREDICTED
from app.models import Prediction
from app.segments.operators import Kind
from app.segments.readings import Context, Getter, customer
from app.segments.scope import Scope

_ALL = 100


class Predicted(NamedTuple):
    """A fact as the catalogue needs it."""

    name: str
    kind: Kind
    says: str
    get: Getter
    column: Callable[[Scope], Any]
    choices: tuple[str, ...] = ()


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


PREDICTIONS = (
    Predicted(
        "will_buy",
        Kind.NUMBER,
        "How likely in percent they are to buy within 90 days; missing where nothing is predicted.",
        customer("will_buy"),
        prediction("will_buy"),
    ),
    Predicted(
        "churn_risk",
        Kind.NUMBER,
        "How likely in percent they are not to buy within 90 days: 100 less `customer.will_buy`.",
        churn_risk,
        lambda scope: _ALL - prediction("will_buy")(scope),
    ),
    Predicted(
        "expected_orders",
        Kind.NUMBER,
        "How many orders are expected of them within 90 days; missing where nothing is predicted.",
        customer("expected_orders"),
        prediction("expected_orders"),
    ),
    Predicted(
        "predicted_value",
        Kind.MONEY,
        "What they are expected to spend within a year; missing where nothing is predicted.",
        customer("expected_value_minor"),
        prediction("expected_value_minor"),
    ),
    Predicted(
        "cluster",
        Kind.CHOICE,
        "The letter of the people who buy like them, see the page Forecasts; missing before the"
        " first order.",
        customer("cluster"),
        prediction("cluster"),
        tuple(CLUSTERS),
    ),
)
