"""Whether a store has enough history for a model of repeat purchase to be asked at all.

The bounds are Klaviyo's for its own predictions (help.klaviyo.com, article 360020919731).
"""

from enum import StrEnum

from app.science.purchases import Buyers

BUYERS, DAYS, SILENT_DAYS, OFTEN = 500, 180, 30, 3
FEW = 100
"""From so many buyers on a model's four figures can be found, and be held against a rule
(docs/decisions/0015-small-stores.md)."""


class Gate(StrEnum):
    BUYERS = "buyers"
    HISTORY = "history"
    RECENT = "recent"
    REPEATERS = "repeaters"


def failing(known: Buyers) -> tuple[Gate, ...]:
    """The gates that do not open: 500 buyers, 180 days, an order in the last 30 days, and somebody
    who has bought on three days."""
    there = reached(known)
    opens = {
        Gate.BUYERS: there[Gate.BUYERS] >= BUYERS,
        Gate.HISTORY: there[Gate.HISTORY] >= DAYS,
        Gate.RECENT: bool(len(known.customer)) and there[Gate.RECENT] <= SILENT_DAYS,
        Gate.REPEATERS: there[Gate.REPEATERS] >= OFTEN,
    }
    return tuple(gate for gate, is_open in opens.items() if not is_open)


def is_small(known: Buyers) -> bool:
    """Whether nothing is missing but some buyers, so that the plain model may show what it can."""
    return failing(known) == (Gate.BUYERS,) and len(known.customer) >= FEW


def reached(known: Buyers) -> dict[Gate, int]:
    """What there is of each: buyers, days since the first order, days since the last one, and the
    most days on which somebody has bought."""
    return {
        Gate.BUYERS: len(known.customer),
        Gate.HISTORY: int(known.histories.age.max(initial=0)),
        Gate.RECENT: int(known.silent.min()) if len(known.customer) else 0,
        Gate.REPEATERS: int(known.times.max(initial=0)),
    }
