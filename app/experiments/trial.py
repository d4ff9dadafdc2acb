"""A trial: several ways to do one step, and what each has brought. Knows no flows, no statistics.

Everybody is drawn into one way, by shares that are fixed or worked out anew once a day.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from uuid import UUID


class Reward(StrEnum):
    """What a message was sent for. Opens are none: mail programs open messages by themselves."""

    CLICKS = "clicks"
    ORDERS = "orders"


class Winner(StrEnum):
    """NOBODY: fewer than two ways have a message whose time is over. LEVEL: so many messages that
    a fifth more would show, and it does not."""

    NOBODY = "nobody"
    CLEAR = "clear"
    LEVEL = "level"
    TOO_FEW = "too_few"


@dataclass(frozen=True, slots=True, kw_only=True)
class Learning:
    """The better way is the one of whose messages more bring `reward` `within` this time."""

    reward: Reward
    within: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """`sends`: the steps whose messages count. `shares`: by way, where they stay as they are,
    whatever the ways bring; None where they are learnt."""

    flow_id: UUID
    step: str
    learning: Learning
    ways: tuple[str, ...]
    sends: tuple[str, ...]
    shares: Mapping[str, float] | None = None


@dataclass(frozen=True, slots=True)
class Count:
    """Of one way: people drawn into it, to how many a message was delivered, whose time is over of
    these, and how many of those were rewarded. Everybody counts once, by their first message."""

    people: int = 0
    delivered: int = 0
    sent: int = 0
    answered: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class WayFound:
    """`share`: of the people who come now. `low` and `high` hold the rate 95 times in 100."""

    name: str
    share: float
    count: Count
    rate: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialFound:
    """`needed`: messages of each of the best two for a fifth more to show."""

    ways: tuple[WayFound, ...]
    winner: Winner = Winner.NOBODY
    best: str | None = None
    needed: int | None = None
