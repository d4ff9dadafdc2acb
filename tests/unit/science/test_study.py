"""What is learnt of a store, and what is then told of each buyer."""

from dataclasses import replace

import numpy as np
import pytest

from app.science.buying import Buying
from app.science.contest import Ground
from app.science.forecaster import RULES, Contender, Forecaster
from app.science.gates import Gate
from app.science.logistic import Logistic
from app.science.purchases import Buyers, Purchases, buyers, purchases
from app.science.rfm import Bounds
from app.science.scores import Scores, score
from app.science.study import Problem, Study, study
from tests.unit.science.town import simulate

TOWN = Buying(r=0.8, alpha=40.0, a=0.9, b=2.5)
DAY = 540


@pytest.fixture(scope="module")
def ground() -> Ground:
    """A thousand people who first bought in the first half, and three who did lately."""
    bought = simulate(TOWN, people=1_000, days=DAY + 1)
    lately = [DAY - 80, DAY - 40, DAY - 5]
    days = np.concatenate([bought.day, lately])
    customer = np.concatenate([bought.customer, [1000, 1001, 1002]])
    return Ground(bought=purchases(customer, days, np.append(bought.amount, [40] * 3)), day=DAY)


@pytest.fixture(scope="module")
def found(ground: Ground) -> Study:
    return study(ground)


def known(ground: Ground) -> Buyers:
    return buyers(ground.bought, ground.day)


def test_what_is_told_is_a_probability_and_fits_together(ground: Ground, found: Study) -> None:
    told = score(found.learnt, known(ground))

    assert found.missing == {} and found.problem is None
    assert ((told.will_buy >= 0) & (told.will_buy <= 100)).all()
    assert (told.orders * 100 >= told.will_buy - 0.6).all()
    assert (told.worth >= 0).all()
    assert found.sizes == {
        number: int(np.count_nonzero(told.cluster == number)) for number in found.sizes
    }
    assert sum(found.sizes.values()) == found.buyers == 1_003


@pytest.mark.requirement(19)
def test_who_bought_once_is_a_risk_that_grows_with_silence(ground: Ground, found: Study) -> None:
    """P(alive) would be the same for all of them."""
    risks = 100 - score(found.learnt, known(ground)).will_buy[-3:]

    assert 20 < risks[2] < risks[1] < risks[0] < 100


def test_what_the_winner_tells_of_known_customers_comes_true() -> None:
    bought = simulate(TOWN, people=5_000, days=DAY + 90)
    then = Ground(bought=bought.until(DAY), day=DAY)

    told = score(study(then).learnt, known(then))

    came = np.isin(known(then).customer, bought.since(DAY).customer)
    share = told.will_buy / 100
    for low, high in ((0, 0.1), (0.1, 0.4), (0.4, 0.7), (0.7, 1.01)):
        here = (share >= low) & (share < high)
        error = np.sqrt(share[here] @ (1 - share[here])) / here.sum()
        assert abs(share[here].mean() - came[here].mean()) < 4 * error, (low, high)
    assert told.orders.sum() == pytest.approx(len(bought.since(DAY).day), rel=0.08)


def test_a_part_of_the_store_is_told_the_same_as_the_whole(ground: Ground, found: Study) -> None:
    weight = Logistic(mean=(9.0,), scale=(3.0,), weight=(0.8,), base=-1.0)
    grades = Forecaster(Contender.RFM, 90, weight, bounds=Bounds(money=(20, 60, 90, 200)))
    some = ground.bought.where(ground.bought.customer < 40)

    for learnt in (found.learnt, replace(found.learnt, way=grades)):
        whole, part = score(learnt, known(ground)), score(learnt, buyers(some, DAY))
        for name in Scores.__slots__:
            assert np.array_equal(getattr(whole, name)[:40], getattr(part, name)), name


def test_where_a_gate_fails_a_rule_tells_and_the_gate_is_named(ground: Ground) -> None:
    few = replace(ground, bought=ground.bought.where(ground.bought.customer < 80))

    found = study(few)

    assert found.missing == {Gate.BUYERS: 80}
    assert found.contest is not None and set(found.contest.judged) == set(RULES)
    told = score(found.learnt, known(ground))
    assert ((told.will_buy > 0) & (told.will_buy < 100)).all()
    assert np.isnan(told.orders).all() and np.isnan(told.worth).all()


def test_a_small_store_holds_the_plain_model_against_the_rules(ground: Ground) -> None:
    small = study(replace(ground, bought=ground.bought.where(ground.bought.customer < 300)))

    assert small.small and small.missing == {Gate.BUYERS: 300}
    assert small.contest is not None
    assert set(small.contest.judged) == {*RULES, Contender.MODEL}


@pytest.mark.parametrize(
    ("bought", "problem"),
    [
        (purchases([], [], []), Problem.YOUNG),
        (purchases(range(600), [400 + n % 140 for n in range(600)], np.ones(600)), Problem.YOUNG),
        (purchases(range(600), [n % 9 for n in range(600)], np.ones(600)), Problem.ALIKE),
    ],
)
def test_what_cannot_be_judged_is_not_told(bought: Purchases, problem: Problem) -> None:
    found = study(Ground(bought=bought, day=DAY))

    assert found.problem is problem
    assert np.isnan(score(found.learnt, buyers(bought, DAY)).will_buy).all()
