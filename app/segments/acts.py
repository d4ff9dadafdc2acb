"""How often people did something, in SQL: of each act all times over which it is counted, in one
look at the log."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select

from app.customers.snapshot import REMEMBERED_TIME
from app.models import LoggedFact
from app.segments.scope import Scope, Windows


def events(name: str) -> Callable[[Scope], Any]:
    """A count of its moments after a moment; `sql.py` fills in which."""

    def counter(scope: Scope) -> Any:
        def count_after(within: timedelta | None) -> ColumnElement[int]:
            known = scope.windows.get(name, ())
            windows = known if within in known else (within,)
            times = scope.join((name, windows), _times(scope, name, windows))
            return func.coalesce(times[f"within_{windows.index(within)}"], 0)

        return count_after

    return counter


def _times(scope: Scope, name: str, windows: Windows) -> Select[Any]:
    """How often each did it, within each of these times."""
    at, longest = LoggedFact.occurred_at, max(within or REMEMBERED_TIME for within in windows)
    counts: list[ColumnElement[Any]] = [
        func.count().filter(at > scope.now - (within or REMEMBERED_TIME)).label(f"within_{place}")
        for place, within in enumerate(windows)
    ]
    return (
        select(LoggedFact.customer_id, *counts)
        .where(
            LoggedFact.store_id == scope.store_id,
            LoggedFact.kind == "customer_acted",
            LoggedFact.fact["name"].astext == name,
            at > scope.now - longest,
            scope.of_the_meant(LoggedFact.customer_id),
        )
        .group_by(LoggedFact.customer_id)
    )
