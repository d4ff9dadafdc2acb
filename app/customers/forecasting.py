"""Which way to say who buys again serves a store best, by the store's own history."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.customers.bought import read_bought
from app.models import Store
from app.science.contest import Contest, Ground, hold
from app.science.gates import Gate, failing
from app.science.judging import AllAlike
from app.science.peak import NotFitted
from app.science.purchases import buyers
from app.science.rfm import Bounds
from app.stores.settings import read_settings

DAYS = 90
"""How far every forecast looks ahead, and how long is held back to judge it."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """`gates`: those that do not open, which leaves the plain rules. `contest` is there where it
    could be held; `problem` says why it could not."""

    buyers: int
    gates: tuple[Gate, ...]
    contest: Contest | None
    problem: str | None


def judge_forecasts(session: Session, store: Store, now: datetime, days: int = DAYS) -> Verdict:
    """Hold the last `days` back and judge every way by them."""
    bought = read_bought(session, store, now)
    known = buyers(bought.purchases, bought.today)
    gates, people = failing(known), len(known.customer)
    chosen = read_settings(store.settings).standing
    ground = Ground(
        bought=bought.purchases,
        day=bought.today,
        days=days,
        bounds=Bounds(chosen.recency_days, chosen.orders),
    )
    if not ground.reaches(bought.today - 2 * days):
        return Verdict(people, gates, None, f"there is no history of {3 * days} days")
    try:
        return Verdict(people, gates, hold(ground), None)
    except AllAlike as error:
        alike = f"{error.did} of {error.people} people bought in {days} days of its history"
        return Verdict(people, gates, None, alike)
    except NotFitted as error:
        return Verdict(people, gates, None, str(error))
