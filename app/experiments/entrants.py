"""Who entered a flow, on which side, and what they have bought before and since.

Everybody counts once, by their first entry, on the side they were assigned to then, whatever became
of them: so nothing that a message has changed decides who is counted. An order in another currency
than the store's is a purchase and no money.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import numpy as np
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.models import Store
from app.models.copied import columns, copied
from app.models.rows import listed
from app.science.arrays import Flags, Floats, Ints

BEFORE = timedelta(days=365)
"""How far back what somebody spent tells of what they will."""
_ROW = columns(
    *(("treated", 4), ("version", 4), ("entered", 8), ("times", 8), ("spent", 8)),
    *(("earlier", 8), ("earlier_until", 8)),
)
_ENTRANTS = """
    COPY (
        SELECT (first.arm <> 'holdout')::int4, first.version,
            extract(epoch FROM first.entered_at)::bigint,
            count(placed_at) FILTER (WHERE placed_at > first.entered_at),
            coalesce(sum(net) FILTER (WHERE placed_at > first.entered_at), 0)::bigint,
            coalesce(sum(net) FILTER (WHERE placed_at <= first.entered_at), 0)::bigint,
            coalesce(
                extract(epoch FROM max(placed_at) FILTER (WHERE placed_at <= first.entered_at)), 0
            )::bigint
        FROM (
            SELECT DISTINCT ON (customer_id) customer_id, arm, version, entered_at
            FROM journeys WHERE store_id = %(store)s AND flow_id = %(flow)s
            ORDER BY customer_id, entered_at, journey_id
        ) AS first
        LEFT JOIN (
            SELECT customer_id, placed_at,
                CASE WHEN currency = %(currency)s
                    THEN greatest(total_minor - refunded_minor, 0) ELSE 0 END AS net
            FROM orders
            WHERE store_id = %(store)s AND counts AND deleted_at IS NULL
        ) AS bought ON bought.customer_id = first.customer_id
            AND placed_at > first.entered_at - %(before)s
            AND placed_at <= first.entered_at + %(within)s
        WHERE first.entered_at <= %(until)s
        GROUP BY first.customer_id, first.arm, first.version, first.entered_at
    ) TO STDOUT (FORMAT BINARY)
"""
_WAITING = text("""
    SELECT count(*)
    FROM (
        SELECT DISTINCT ON (customer_id) version, entered_at
        FROM journeys WHERE store_id = :store AND flow_id = :flow
        ORDER BY customer_id, entered_at, journey_id
    ) AS first
    WHERE entered_at > :until AND version = ANY(CAST(:versions AS int[]))
""")


@dataclass(frozen=True, slots=True, eq=False)
class Entrants:
    """A place in each array for each person whose days are over. `spent` and `earlier`: minor units
    in the days after their entry and in the year before it, until `earlier_until`; this and
    `entered` in seconds of the epoch. `held_out`: the share that was set to be, when they entered.
    `waiting`: so many more whose days are not over."""

    treated: Flags
    entered: Floats
    bought: Flags
    spent: Floats
    earlier: Floats
    earlier_until: Floats
    held_out: Floats
    waiting: int


def read_entrants(
    session: Session,
    store: Store,
    flow: tuple[UUID, Mapping[int, int]],
    within: timedelta,
    now: datetime,
) -> Entrants:
    """Of a flow, given with the percent that each of its versions holds out. Whoever entered a
    version that holds nobody out is in no experiment."""
    flow_id, percents = flow
    asked = {"store": store.store_id, "flow": flow_id, "until": now - within}
    held_out = listed(version for version, percent in percents.items() if percent)
    found = copied(
        session,
        _ENTRANTS,
        {**asked, "currency": store.currency, "before": BEFORE, "within": within},
        _ROW,
    )
    shares = _shares(found["version"].astype(np.int64), percents)
    found, shares = found[shares > 0], shares[shares > 0]
    return Entrants(
        treated=found["treated"].astype(bool),
        entered=found["entered"].astype(np.float64),
        bought=found["times"] > 0,
        spent=found["spent"].astype(np.float64),
        earlier=found["earlier"].astype(np.float64),
        earlier_until=found["earlier_until"].astype(np.float64),
        held_out=shares,
        waiting=int(session.scalar(_WAITING, {**asked, "versions": held_out}) or 0),
    )


def _shares(versions: Ints, percents: Mapping[int, int]) -> Floats:
    kinds, place = np.unique(versions, return_inverse=True)
    return np.array([percents.get(int(kind), 0) / 100 for kind in kinds])[place]
