"""Which features of a service somebody uses, as facts: the value `feature` of their `feature_used`
acts of the last thirty days."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Text, cast, distinct, func, select
from sqlalchemy.dialects.postgresql import ARRAY

from app.customers.snapshot import USED_WITHIN, Snapshot
from app.customers.snapshot_rows import FEATURE
from app.models import LoggedFact
from app.segments.fact import Fact
from app.segments.operators import Kind
from app.segments.readings import Context, customer
from app.segments.scope import Scope


def count(snapshot: Snapshot, context: Context) -> int:
    return len(snapshot.features)


def count_column(scope: Scope) -> ColumnElement[int]:
    return func.coalesce(func.cardinality(_used(scope)), 0)


def overlap(scope: Scope, wanted: Sequence[str] | None) -> ColumnElement[bool]:
    found = _used(scope)
    if wanted is None:
        there: ColumnElement[bool] = found.is_not(None)
        return there
    return func.coalesce(found.overlap(cast(list(wanted), ARRAY(Text))), False)


def _used(scope: Scope) -> Any:
    """Each feature once; NULL of whoever used none."""
    used = (
        select(
            LoggedFact.customer_id,
            func.array_agg(distinct(FEATURE), type_=ARRAY(Text)).label("features"),
        )
        .where(
            LoggedFact.store_id == scope.store_id,
            LoggedFact.kind == "customer_acted",
            LoggedFact.fact["name"].astext == "feature_used",
            LoggedFact.occurred_at > scope.now - USED_WITHIN,
            FEATURE.is_not(None),
            scope.of_the_meant(LoggedFact.customer_id),
        )
        .group_by(LoggedFact.customer_id)
    )
    return scope.join("features", used).features


FEATURES = (
    Fact(
        name="features.used",
        kind=Kind.LIST,
        says="The features they used in the last 30 days: the value `feature` of `feature_used`.",
        get=customer("features"),
        overlap=overlap,
    ),
    Fact(
        name="features.count",
        kind=Kind.NUMBER,
        says="How many different features they used in the last 30 days.",
        get=count,
        column=count_column,
    ),
)
