"""What is said of a flow follows from its two sides, and is right as often as it says."""

import numpy as np
import pytest

from app.experiments.entrants import Entrants
from app.experiments.found import WORTH, Found, Verdict
from app.experiments.lift import find_lift
from app.science.arrays import Flags
from app.science.cuped import NotBefore
from app.science.rates import people_needed

PRICE = 3_000.0


def entrants(treated: Flags, bought: Flags, share: float = 0.1, waiting: int = 0) -> Entrants:
    """People who each spend a price in the days after their entry, if they buy."""
    people = len(treated)
    return Entrants(
        treated=treated,
        entered=np.zeros(people),
        bought=bought,
        spent=np.where(bought, PRICE, 0.0),
        earlier=np.zeros(people),
        earlier_until=np.zeros(people),
        held_out=np.full(people, share),
        waiting=waiting,
    )


def sides(in_it: tuple[int, int], held_out: tuple[int, int], share: float = 0.1) -> Found:
    """Of so many people in the flow and held out, each given as (buyers, people)."""
    treated = np.repeat([True, False], [in_it[1], held_out[1]])
    bought = np.concatenate(
        [np.arange(people) < buyers for buyers, people in (in_it, held_out)]
    ).astype(bool)
    return find_lift(entrants(treated, bought, share), seed=1)


@pytest.mark.parametrize(
    ("in_it", "held_out", "verdict"),
    [
        ((3, 9), (0, 1), Verdict.NOBODY),
        ((0, 0), (5, 100), Verdict.NOBODY),
        ((900, 9_000), (60, 1_000), Verdict.MORE),
        ((500, 9_000), (90, 1_000), Verdict.LESS),
        ((900, 9_000), (98, 1_000), Verdict.TOO_FEW),
        ((90, 900), (0, 100), Verdict.MORE),
        ((0, 90), (0, 10), Verdict.TOO_FEW),
        ((36_000, 90_000), (4_000, 10_000), Verdict.LEVEL),
        ((900, 9_500), (60, 500), Verdict.MISMATCH),
    ],
)
def test_each_verdict_has_its_sides(
    in_it: tuple[int, int], held_out: tuple[int, int], verdict: Verdict
) -> None:
    assert sides(in_it, held_out).verdict is verdict


def test_who_has_too_few_is_told_how_many_would_do() -> None:
    found = sides((900, 9_000), (98, 1_000))

    assert found.needed == people_needed(0.098, WORTH, 0.1) > 1_000
    assert sides((0, 90), (0, 10)).needed is None, "nobody buys: no number would show anything"


def test_what_came_altogether_is_the_difference_of_a_person_times_the_people() -> None:
    found = sides((900, 9_000), (60, 1_000))

    assert found.money is not None and found.total is not None
    assert found.money.difference == pytest.approx(PRICE * (0.1 - 0.06))
    assert found.total.difference == pytest.approx(found.money.difference * 9_000)
    assert found.treated.spent_minor == 900 * PRICE
    assert found.total.low < found.total.difference < found.total.high


def test_where_nothing_was_changed_nineteen_of_twenty_say_so() -> None:
    random, holds = np.random.default_rng(7), 0
    for seed in range(100):
        treated = random.random(1_500) > 0.2
        found = find_lift(entrants(treated, random.random(1_500) < 0.08, 0.2), seed)
        assert found.rate is not None and found.money is not None
        holds += (found.rate.low <= 0 <= found.rate.high) + (
            found.money.low <= 0 <= found.money.high
        )

    assert 181 <= holds <= 199  # 95 of 100, give or take three standard errors.


def test_earlier_purchases_clear_the_view_once_thirty_held_out_have_bought() -> None:
    random = np.random.default_rng(3)
    treated, taste = random.random(4_000) > 0.5, random.gamma(1.0, 1.0, 4_000)
    entered = entrants(treated, random.random(4_000) < 0.4, 0.5)
    entered.spent[:] = entered.bought * taste * PRICE
    entered.earlier[:] = taste * PRICE

    found = find_lift(entered, seed=1)

    assert found.clearer is not None and found.money is not None
    assert found.clearer.removed > 0.2
    reach = found.clearer.interval.high - found.clearer.interval.low
    assert reach < found.money.high - found.money.low
    entered.bought[:] &= treated | (np.arange(4_000) < 40)
    assert find_lift(entered, seed=1).clearer is None


def test_a_purchase_after_the_assignment_clears_no_view() -> None:
    entered = entrants(np.arange(100) < 50, np.ones(100, bool), 0.5)
    entered.earlier[:], entered.earlier_until[3] = PRICE, 1.0

    with pytest.raises(NotBefore, match="1 people"):
        find_lift(entered, seed=1)


def test_the_same_people_and_seed_give_the_same_figures() -> None:
    assert sides((30, 300), (2, 40)) == sides((30, 300), (2, 40))
