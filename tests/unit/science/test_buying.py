"""The models of repeat purchase, against what was published and against a second program."""

from importlib import import_module
from math import log
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.science import forecast
from app.science.buying import Buying, Prior, fit
from app.science.histories import Histories, grouped, histories
from app.science.likelihood import Likelihood
from app.science.peak import NotFitted
from app.science.purchases import buyers
from tests.unit.science import cdnow
from tests.unit.science.town import simulate

WEEK = 7


@pytest.fixture(scope="module")
def known() -> Histories:
    """CDNOW's sample up to the end of September 1997."""
    return buyers(cdnow.sample().until(cdnow.CALIBRATED), cdnow.CALIBRATED).histories


def in_weeks(known: Histories, log_likelihood: float) -> float:
    """A density of times in days, told in weeks as the papers do."""
    return log_likelihood + int(known.repeats @ known.count) * log(WEEK)


def oracle(name: str, model: Buying) -> Any:
    """The fitter of `lifetimes` with our parameters."""
    found = getattr(import_module("lifetimes"), name)()
    found.params_ = {"r": model.r, "alpha": model.alpha, "a": model.a, "b": model.b}
    return found


def test_bg_nbd_finds_what_was_published_of_cdnow(known: Histories) -> None:
    found = fit(grouped(known)[0], from_the_first=False)

    model = found.model
    assert found.people == 2357
    published = (0.243, 4.414, 0.793, 2.426)  # Fader, Hardie and Lee 2005, table 2.
    assert (model.r, model.alpha / WEEK, model.a, model.b) == pytest.approx(published, abs=1e-3)
    assert in_weeks(known, found.log_likelihood) == pytest.approx(-9582.4, abs=0.05)


def test_mbg_nbd_is_a_little_likelier_than_bg_nbd(known: Histories) -> None:
    bg, mbg = fit(known, from_the_first=False), fit(known)

    assert mbg.log_likelihood > bg.log_likelihood
    assert in_weeks(known, mbg.log_likelihood) == pytest.approx(-9582.136, abs=0.01)


def test_equal_histories_are_one_row_and_change_nothing(known: Histories) -> None:
    together, place = grouped(known)

    assert len(together.count) < len(known.count) / 2
    assert together.people == known.people
    assert (together.repeats[place] == known.repeats).all()
    assert (together.age[place] == known.age).all()
    assert fit(together).log_likelihood == pytest.approx(fit(known).log_likelihood)


@pytest.mark.parametrize(
    ("name", "from_the_first"), [("BetaGeoFitter", False), ("ModifiedBetaGeoFitter", True)]
)
def test_forecasts_are_those_of_a_second_program(
    known: Histories, name: str, from_the_first: bool
) -> None:
    model = fit(known, from_the_first=from_the_first).model
    theirs = oracle(name, model)
    asked = (known.repeats, known.last, known.age)

    alive = np.asarray(theirs.conditional_probability_alive(*asked))
    expected = theirs.conditional_expected_number_of_purchases_up_to_time(90, *asked)

    assert forecast.alive(model, known) == pytest.approx(alive, rel=1e-9)
    assert forecast.purchases(model, known, 90) == pytest.approx(np.asarray(expected), rel=1e-8)


@pytest.mark.parametrize("chances", [0, 1])
def test_the_gradient_is_that_of_the_likelihood(known: Histories, chances: int) -> None:
    likelihood, at, step = Likelihood(known, chances), np.log([0.4, 50.0, 0.9, 2.0]), 1e-6

    _, slope = likelihood(at)

    steps = step * np.eye(4)
    numeric = [(likelihood(at + by)[0] - likelihood(at - by)[0]) / (2 * step) for by in steps]
    assert slope == pytest.approx(numeric, rel=1e-5, abs=1e-8)


positive = st.floats(-6, 6).map(np.exp).map(float)
models = st.builds(
    Buying,
    r=positive,
    alpha=positive,
    a=positive,
    b=positive,
    from_the_first=st.booleans(),
)


@given(models, st.integers(0, 400), st.integers(0, 7300), st.integers(0, 7300))
def test_probabilities_lie_between_0_and_1_and_fall_with_silence(
    model: Buying, repeats: int, last: int, silent: int
) -> None:
    last = last if repeats else 0
    known = histories([repeats] * 2, [last] * 2, [last + silent, last + silent + 30])

    for told in (forecast.alive(model, known), forecast.will_buy(model, known, 90)):
        assert ((told >= 0) & (told <= 1)).all()
        assert told[1] <= told[0] + 1e-12
    expected = forecast.purchases(model, known, 90)
    assert np.isfinite(expected).all()
    assert (expected >= forecast.will_buy(model, known, 90) - 1e-9).all()


def test_a_store_of_known_customers_is_told_back_and_calibrated() -> None:
    truth = Buying(r=0.8, alpha=40.0, a=0.9, b=2.5)
    bought = simulate(truth, people=6_000, days=720)
    known, later = buyers(bought.until(630), 630), bought.since(630)

    model = fit(known.histories).model

    came = np.isin(known.customer, later.customer)
    told = forecast.will_buy(model, known.histories, 90)
    assert model.r / model.alpha == pytest.approx(truth.r / truth.alpha, rel=0.1)
    assert model.a / (model.a + model.b) == pytest.approx(truth.a / (truth.a + truth.b), rel=0.1)
    for low, high in ((0, 0.1), (0.1, 0.4), (0.4, 0.7), (0.7, 1)):
        here = (told >= low) & (told < high)
        error = np.sqrt(told[here] @ (1 - told[here])) / here.sum()
        assert abs(told[here].mean() - came[here].mean()) < 4 * error, (low, high)
    expected = forecast.purchases(model, known.histories, 90).sum()
    assert expected == pytest.approx(len(later.day), rel=0.07)


def test_a_small_store_is_told_better_with_what_others_know() -> None:
    truth = Buying(r=0.8, alpha=40.0, a=0.9, b=2.5)
    others = [fit(buyers(simulate(truth, 1_500, 400, seed), 400).histories) for seed in range(3)]
    logs = np.log([each.model.parameters() for each in others])
    prior = Prior(tuple(logs.mean(axis=0)), (0.5, 0.5, 0.5, 0.5))

    off = {False: 0.0, True: 0.0}
    for seed in range(10, 16):
        known = buyers(simulate(truth, 120, 400, seed), 400).histories
        for helped in off:
            model = fit(known, prior=prior if helped else None).model
            off[helped] += float(np.abs(np.log(model.parameters() / truth.parameters())).sum())

    assert off[True] < off[False]


def test_nobody_is_no_model() -> None:
    with pytest.raises(NotFitted, match="nobody"):
        fit(histories([], [], []))


@pytest.mark.parametrize("row", [(1, 10, 9), (-1, 0, 9)])
def test_a_history_that_cannot_be_is_refused(row: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="history needs"):
        histories(*([value] for value in row))


def test_who_never_came_back_has_no_later_purchase() -> None:
    with pytest.raises(ValueError, match="last must be 0"):
        histories([0], [3], [9])
