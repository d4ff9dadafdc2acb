"""Whether a store has enough history for a model of repeat purchase to be asked at all.

The bounds are Klaviyo's for its own predictions (help.klaviyo.com, article 360020919731).
"""

from enum import StrEnum

import numpy as np

from app.science.purchases import Buyers

BUYERS, DAYS, SILENT_DAYS, OFTEN = 500, 180, 30, 3


class Gate(StrEnum):
    BUYERS = "buyers"
    HISTORY = "history"
    RECENT = "recent"
    REPEATERS = "repeaters"


def failing(known: Buyers) -> tuple[Gate, ...]:
    """The gates that do not open: 500 buyers, 180 days, an order in the last 30 days, and somebody
    who has bought on three days."""
    people = len(known.customer)
    opens = {
        Gate.BUYERS: people >= BUYERS,
        Gate.HISTORY: people > 0 and int(known.histories.age.max()) >= DAYS,
        Gate.RECENT: people > 0 and int(known.silent.min()) <= SILENT_DAYS,
        Gate.REPEATERS: bool(np.any(known.times >= OFTEN)),
    }
    return tuple(gate for gate, is_open in opens.items() if not is_open)
