"""What a flow has changed, from two groups of people that chance has set apart. Pure."""

from dataclasses import replace

import numpy as np

from app.experiments.entrants import Entrants
from app.experiments.found import WORTH, Found, Side, Verdict
from app.science.arrays import Flags
from app.science.cuped import clearer_difference
from app.science.intervals import Clearer, Interval
from app.science.mismatch import ALARM, mismatch
from app.science.rates import people_needed, rate_difference
from app.science.revenue import FEW_BUYERS, Arm, revenue_difference


def find_lift(entered: Entrants, seed: int) -> Found:
    """The same people and `seed` give the same figures."""
    treated, held_out = _side(entered, entered.treated), _side(entered, ~entered.treated)
    found = Found(treated=treated, held_out=held_out, waiting=entered.waiting)
    if min(treated.people, held_out.people) < 2:
        return found
    share = float(entered.held_out.mean())
    chance = mismatch((treated.people, held_out.people), (1 - share, share))
    rate = rate_difference((treated.buyers, treated.people), (held_out.buyers, held_out.people))
    needed = _needed(treated, held_out, share)
    return replace(
        found,
        verdict=_verdict(chance, rate, held_out.people, needed),
        rate=rate,
        money=revenue_difference(_arm(entered, True), _arm(entered, False), seed),
        clearer=_clearer(entered, held_out),
        chance=chance,
        needed=needed,
    )


def _side(entered: Entrants, on_it: Flags) -> Side:
    spent = int(entered.spent[on_it].sum())
    return Side(int(on_it.sum()), int((entered.bought & on_it).sum()), spent)


def _arm(entered: Entrants, treated: bool) -> Arm:
    spent = entered.spent[entered.treated == treated]
    return Arm(len(spent), spent[spent > 0])


def _clearer(entered: Entrants, held_out: Side) -> Clearer | None:
    """None where it would be too sure of itself, or earlier purchases explain nothing."""
    if held_out.buyers < FEW_BUYERS or not np.any(entered.earlier):
        return None
    return clearer_difference(
        entered.spent,
        entered.earlier,
        entered.treated,
        earlier_until=entered.earlier_until,
        assigned_at=entered.entered,
    )


def _needed(treated: Side, held_out: Side, share: float) -> int | None:
    """By the rate of those left alone; by everybody's while none of them has bought."""
    everybody = treated.people + held_out.people
    rate = held_out.buyers / held_out.people or (treated.buyers + held_out.buyers) / everybody
    return people_needed(rate, WORTH, share) if 0 < rate * (1 + WORTH) < 1 else None


def _verdict(chance: float, rate: Interval, held_out: int, needed: int | None) -> Verdict:
    if chance < ALARM:
        return Verdict.MISMATCH
    if rate.is_clear:
        return Verdict.MORE if rate.low > 0 else Verdict.LESS
    return Verdict.LEVEL if needed is not None and held_out >= needed else Verdict.TOO_FEW
