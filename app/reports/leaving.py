"""Who fell silent for long in a period, how they were, what is known of why, and who came
back. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

MOST = 12


class Sign(StrEnum):
    """What is known of a reason, the gravest first: of each person the first that is true."""

    COMPLAINT = "complaint"
    """A message marked as spam."""
    CANCELLATION = "cancellation"
    COMPLAINED = "complained"
    LOW_SCORE = "low_score"
    PAYMENT_FAILED = "payment_failed"
    EXPIRED = "expired"
    COMPARING = "comparing"
    TICKETS = "tickets"
    UNSUBSCRIBED = "unsubscribed"
    NO_ANSWER = "no_answer"
    CART_LEFT = "cart_left"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Left:
    """People who came to be at risk: of them `back` have bought since, `lapsed` are silent for
    longer still. `label` None: all others."""

    label: str | None
    people: int
    back: int
    lapsed: int


@dataclass(frozen=True, slots=True)
class Churn:
    """The same people four ways: by month of the first purchase, by stage before, by the sign of a
    reason and by the product they bought last."""

    everybody: Left = Left(None, 0, 0, 0)
    months: tuple[Left, ...] = ()
    stages: tuple[Left, ...] = ()
    signs: tuple[Left, ...] = ()
    products: tuple[Left, ...] = ()


def largest(found: Iterable[Left], most: int = MOST) -> tuple[Left, ...]:
    """The largest of them, and all others as one."""
    ordered = sorted(found, key=lambda one: (-one.people, one.label or ""))
    shown, rest = ordered[:most], ordered[most:]
    return (*shown, _together(rest)) if rest else tuple(shown)


def _together(found: Iterable[Left]) -> Left:
    known = list(found)
    sums = (sum(getattr(one, name) for one in known) for name in ("people", "back", "lapsed"))
    return Left(None, *sums)
