"""A model earns its place: it is judged by days that it has not seen."""

import numpy as np
import pytest

from app.science.buying import Buying
from app.science.contest import Contest, Ground, best, hold, ways_at
from app.science.forecaster import RULES, Contender
from app.science.gates import Gate, failing
from app.science.judging import Judgement
from app.science.purchases import Purchases, buyers, purchases
from tests.unit.science import cdnow
from tests.unit.science.town import simulate


@pytest.fixture(scope="module")
def contest() -> Contest:
    return hold(Ground(bought=cdnow.sample(), day=cdnow.END))


def test_on_cdnow_the_blend_ranks_better_than_the_plain_rules(contest: Contest) -> None:
    judged = contest.judged

    assert contest.winner is Contender.BLEND
    assert contest.cut == cdnow.END - 90
    for rule in RULES:
        assert judged[Contender.BLEND].auc > judged[rule].auc
        assert judged[Contender.MODEL].auc > judged[rule].auc
        assert judged[Contender.BLEND].brier < judged[rule].brier
    assert judged[Contender.BLEND].people == 2357


def test_what_is_held_back_teaches_nothing() -> None:
    bought, cut = cdnow.sample(), cdnow.END - 90
    known_then = Ground(bought=bought.until(cut), day=cut)
    told = {name: way(known_then.look(cut)) for name, way in ways_at(known_then, cut).items()}

    ground = Ground(bought=bought, day=cdnow.END)
    for name, way in ways_at(ground, cut).items():
        assert (way(ground.look(cut)) == told[name]).all(), name


def test_where_silence_tells_everything_recency_wins() -> None:
    """Everybody buys each twenty days, on the day, until they stop for good."""
    random = np.random.default_rng(3)
    rows = [
        (person, start + 20 * number)
        for person in range(1_500)
        for start, stop in [(int(random.integers(0, 60)), random.integers(2, 40))]
        for number in range(stop)
        if start + 20 * number <= 500
    ]
    who, when = zip(*rows, strict=True)
    ground = Ground(bought=purchases(who, when, np.full(len(rows), 30.0)), day=500)

    judged = hold(ground).judged

    assert best(judged) is Contender.RECENCY
    assert judged[Contender.RECENCY].auc > 0.95
    assert judged[Contender.RECENCY].brier < judged[Contender.BLEND].brier


def test_of_those_that_rank_alike_the_smaller_error_wins() -> None:
    def judged(auc: float, brier: float) -> Judgement:
        return Judgement(100, 10, auc, brier, 0, 1, ())

    both = {Contender.RECENCY: judged(0.8005, 0.09), Contender.BLEND: judged(0.8, 0.08)}
    assert best(both) is Contender.BLEND
    worse = {Contender.RECENCY: judged(0.81, 0.09), Contender.BLEND: judged(0.8, 0.08)}
    assert best(worse) is Contender.RECENCY
    level = {Contender.BLEND: judged(0.8, 0.08), Contender.RFM: judged(0.8, 0.08)}
    assert best(level) is Contender.RFM


@pytest.fixture(scope="module")
def two_winters() -> Purchases:
    """Three years of a store where five times as many buy in the last 90 days of each."""
    steady = simulate(Buying(r=0.8, alpha=150, a=0.5, b=4), people=3_000, days=1092, seed=4)
    winter = (steady.day % 364) >= 274
    random = np.random.default_rng(5)
    kept = winter | (random.random(len(steady.day)) < 0.2)
    return steady.where(kept)


def test_the_same_season_a_year_before_sets_the_share_right(two_winters: Purchases) -> None:
    found = hold(Ground(bought=two_winters, day=1091))

    blend, seasonal = found.judged[Contender.BLEND], found.judged[Contender.SEASONAL]
    assert seasonal.brier < blend.brier
    assert seasonal.auc == pytest.approx(blend.auc)
    assert found.year_ago is not None


def test_a_young_store_has_no_season(contest: Contest) -> None:
    ground = Ground(bought=cdnow.sample().until(300), day=300)

    found = hold(ground)

    assert Contender.SEASONAL not in found.judged
    assert found.year_ago is None
    assert contest.judged.keys() - found.judged.keys() == {Contender.SEASONAL}


def test_each_gate_that_does_not_open_is_named() -> None:
    silent = Buying(r=0.8, alpha=60, a=0.5, b=4)
    bought = simulate(silent, people=600, days=400)

    assert failing(buyers(bought, 400)) == ()
    assert failing(buyers(bought, 500)) == (Gate.RECENT,)
    assert failing(buyers(bought.until(100), 100)) == (Gate.BUYERS, Gate.HISTORY)
    once = purchases(range(600), range(600), np.ones(600))
    assert failing(buyers(once, 600)) == (Gate.REPEATERS,)
    assert failing(buyers(purchases([], [], []), 5)) == tuple(Gate)
