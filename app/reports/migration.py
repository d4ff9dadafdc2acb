"""Who moved from one RFM group to another in a period: each person once, from where they stood at
its beginning to where they stand at its end."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import Session

from app.models import StandingChange
from app.models.rows import STORE
from app.tenancy import store_of

PERIOD = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Move:
    """`was` None: they had not bought before; `became` None: what they bought counts no more."""

    was: str | None
    became: str | None
    people: int


@dataclass(frozen=True, slots=True)
class Balance:
    """What one group has gained and lost by moves."""

    group: str
    came: int
    left: int

    @property
    def net(self) -> int:
        return self.came - self.left


def read_moves(session: Session, now: datetime, period: timedelta = PERIOD) -> tuple[Move, ...]:
    """The largest first."""
    asked = {"store": store_of(session), "since": now - period, "now": now}
    return tuple(Move(*row) for row in session.execute(_MOVES, asked))


def balances(moves: Iterable[Move], groups: Iterable[str]) -> list[Balance]:
    """Of these groups, in their order; each one moved counts in two of them at most."""
    known = list(moves)
    return [
        Balance(
            name,
            came=sum(move.people for move in known if move.became == name),
            left=sum(move.people for move in known if move.was == name),
        )
        for name in groups
    ]


def _moves() -> Select[Any]:
    at = StandingChange.changed_at
    each = (
        select(
            func.array_agg(aggregate_order_by(StandingChange.was, at))[1].label("was"),
            func.array_agg(aggregate_order_by(StandingChange.became, at.desc()))[1].label("became"),
        )
        .where(
            StandingChange.store_id == STORE,
            StandingChange.kind == "rfm_group",
            at > bindparam("since"),
            at <= bindparam("now"),
        )
        .group_by(StandingChange.customer_id)
        .subquery("each")
    )
    place: tuple[Any, ...] = (each.c.was, each.c.became)
    return (
        select(*place, func.count())
        .where(each.c.was.is_distinct_from(each.c.became))
        .group_by(*place)
        .order_by(func.count().desc(), *place)
    )


_MOVES = _moves()
"""Made once (docs/decisions/0013-statements-made-once.md)."""
